{{ regexMatch "^\\$2a\\$10\\$.{53}$" (bcrypt "x") }}{{ regexMatch "^u:\\$2a\\$10\\$.{53}$" (htpasswd "u" "p") }}{{ htpasswd "a:b" "p" }}
{{ encryptAES "key" "plain text" | decryptAES "key" }}|{{ encryptAES "key" "" }}|{{ decryptAES "k" "" }}|{{ "30tEfhuJSVRhpG97XCuWgz2okj7L8vQ1s6V9zVUPeDQ=" | decryptAES "secretkey" }}
{{ decryptAES "k" "!!" }}
{{ genSignedCert "x" nil nil 3 "x" }}
{{ genSelfSignedCert "x" (list "bad") nil 3 }}
{{ toToml (dict "b" 1 "a" "x\n\"y\"" "f" 1.5 "t" true "n" nil "l" (list 1 2 "x") "e" (list) "m" (dict "k" (dict "z" 1) "j" 2) "tl" (list (dict "a" 1) (dict "b" 2 "c" (dict "d" 1))) "k with space" 1 "em" (dict) "nl" (list (list 1) (list (dict "a" 1)))) }}
