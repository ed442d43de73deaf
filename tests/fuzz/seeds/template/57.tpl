{{ urlParse ":x" }}
{{ urlParse "a:b:c" }}|{{ urlParse "http://h/%zz" }}
{{ urlParse "1:2" }}
{{ urlJoin (urlParse "http://admin:secret@server.com:8080/api?list=false#anchor") }}|{{ urlJoin (dict "scheme" "http" "host" "host:80" "path" "/path" "query" "query" "opaque" "opaque" "fragment" "frag ment") }}|{{ urlJoin (dict "host" "h" "path" "a b" ) }}|{{ urlJoin (dict "scheme" "https" "host" "h" "path" "/x?y#z é") }}|{{ urlJoin (dict "path" "a:b") }}|{{ urlJoin (dict) }}|{{ urlJoin (dict "scheme" "file" "path" "/x") }}|{{ urlJoin (dict "fragment" "a/b?c!'()*") }}
{{ getHostByName "localhost" }}
{{ len (randAlphaNum 12) }}{{ regexMatch "^[a-zA-Z0-9]{12}$" (randAlphaNum 12) }}{{ regexMatch "^[a-zA-Z]{5}$" (randAlpha 5) }}{{ regexMatch "^[0-9]{5}$" (randNumeric 5) }}{{ len (randAscii 7) }}{{ len (randBytes 8) }}{{ randAlpha 0 }}{{ len (uuidv4) }}{{ regexMatch "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$" uuidv4 }}
