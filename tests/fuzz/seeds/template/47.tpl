{{ typeOf nil }} {{ typeOf "a" }} {{ typeOf .l }} {{ typeOf .m }} {{ kindOf nil }} {{ kindOf 1.5 }} {{ kindOf .l }} {{ kindOf .m }} {{ kindIs "map" .m }} {{ kindIs "string" "a" }} {{ typeIs "string" "a" }} {{ typeIs "int" 1.0 }} {{ typeIsLike "string" "a" }} {{ kindIs "invalid" nil }}
{{ deepEqual (list 1 2) (list 1 2) }} {{ deepEqual (dict "a" 1) (dict "a" 1) }} {{ deepEqual 1 1.0 }} {{ deepEqual nil nil }} {{ deepEqual (list) .el }}
{{ b64enc "hello é" }} {{ b64dec "aGVsbG8=" }} {{ b64dec "aGVsbG8" }} {{ b64dec "!!!" }} {{ b64dec "" }} {{ b32enc "hello" }} {{ b32dec "NBSWY3DP" }} {{ b32enc "a" }} {{ b32dec "ME======" }} {{ b64dec "aGVs\nbG8=" }} {{ b64dec "YQ==x" }} {{ b64dec "YQ=" }} {{ b32dec "x" }} {{ b64enc "" }}
{{ sha1sum "a" }} {{ sha256sum "a" }} {{ sha512sum "a" }} {{ adler32sum "hello" }} {{ sha256sum "" }}
{{ hello }}
{{ toJson .Values }}
