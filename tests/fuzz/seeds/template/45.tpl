{{ max 1 5 3 }}{{ min 4 2 8 }}{{ biggest 1 2 }}{{ maxf 1.5 2.5 }}{{ minf 1.5 0.5 "0.25" }}{{ floor 2.7 }}{{ ceil 2.1 }}{{ floor "-2.5" }}{{ round 3.14159 2 }}|{{ round 2.5 0 }}|{{ round -2.5 0 }}|{{ round 123.555 2 0.5 }}|{{ round 12345 -2 }}|{{ round 3.7 0 0.9 }}
{{ int "12" }}{{ int 3.9 }}{{ int -3.9 }}{{ int64 "x" }}{{ int nil }}{{ int true }}{{ float64 "1.5" }}{{ float64 3 }}{{ float64 "x" }}{{ int .big }}{{ int64 .f }}{{ int "1e3" }}{{ int "12abc" }}{{ int " 12" }}{{ float64 " 1" }}
{{ typeOf (int 1) }} {{ typeOf (int64 1) }} {{ typeOf (float64 1) }} {{ typeOf (add 1 1) }} {{ typeOf (len "a") }} {{ typeOf (addf 1 2) }} {{ typeOf (atoi "1") }}
{{ atoi "12" }}{{ atoi "x" }}{{ atoi "0x1" }}{{ atoi "-5" }}{{ toDecimal "777" }}{{ toDecimal 755 }}{{ toDecimal "x" }}{{ toDecimal "0o7" }}
{{ addf 0.1 0.2 }} {{ subf 1 0.9 }} {{ mulf 0.1 0.1 3 }} {{ divf 10 3 }} {{ divf 2 3 }} {{ divf -2 3 }} {{ add1f 1.5 }} {{ divf 1 8 }} {{ addf 1e20 1 }} {{ mulf 1.1 1.1 }} {{ subf 5 1 1.5 }} {{ addf }} {{ divf 1e10 3 }} {{ divf 1 1e20 }}
{{ divf 1 0 }}
