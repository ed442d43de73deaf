{{ toJson "<a> & 'b' \"c\" \u2028 é \\ \n\t\b\f\x01" }} {{ toRawJson "<a>&" }} {{ toPrettyJson .m }} {{ toPrettyJson (list) }} {{ toPrettyJson (dict) }} {{ toPrettyJson (list 1 (list 2 (dict "a" (list)))) }}
{{ toJson 1.0 }} {{ toJson 1e21 }} {{ toJson 1e20 }} {{ toJson 1e-7 }} {{ toJson 0.000001 }} {{ toJson 1.5e-10 }} {{ toJson 123456789.125 }} {{ toJson nil }} {{ toJson true }} {{ toJson 12345678901234567890.0 }} {{ toJson (int64 5) }}
{{ fromJson "{\"a\": [1, 2.5, \"x\", null, true]}" }} {{ (fromJson "{\"a\": {\"b\": 5}}").a.b }} {{ fromJsonArray "[1,2]" }} {{ mustFromJson "[1]" }} {{ mustFromJson "\"x\"" }} {{ fromJson "null" }} {{ fromJson "{\"a\":12345678901234567890}" }}
{{ hasKey (fromJson "[1]") "Error" }} {{ hasKey (fromJson "{") "Error" }} {{ hasKey (fromJson "") "Error" }} {{ hasKey (fromYaml "- a") "Error" }} {{ len (fromYamlArray "a: 1") }} {{ hasKey (fromYaml "a: b: c") "Error" }}  {{ fromYaml "" }} {{ fromYaml "a: 1\nb: [x, yes, 0777, 1e3]\n" }} {{ fromYamlArray "- 1\n- a" }} {{ fromYaml "null" }} {{ fromYaml "a: 1\n---\nb: 2" }}
{{ mustFromJson "{" }}
{{ fromJson 5 }}
