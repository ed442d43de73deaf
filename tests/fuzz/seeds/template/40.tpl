{{ concat .l (list 1) .el }}|{{ concat (list) }}
{{ concat .l "x" }}
{{ chunk 2 .ls }}|{{ chunk 3 .l }}|{{ chunk 9 .l }}|{{ typeOf (chunk 1 .l) }}|{{ chunk 2 (list) }}
{{ sortAlpha .ls }}|{{ sortAlpha .l }}|{{ sortAlpha "x" }}|{{ sortAlpha (list 10 9 "a") }}
{{ until 3 }}|{{ until 0 }}|{{ until -3 }}|{{ untilStep 1 10 3 }}|{{ untilStep 5 0 -2 }}|{{ untilStep 5 0 2 }}|{{ untilStep 0 5 0 }}|{{ typeOf (until 3) }}
{{ seq 5 }}|{{ seq -3 }}|{{ seq 2 5 }}|{{ seq 5 2 }}|{{ seq 1 2 9 }}|{{ seq 5 -2 0 }}|{{ seq 5 2 0 }}|{{ seq }}|{{ seq 0 -1 -5 }}|{{ seq 1 2 3 4 }}
