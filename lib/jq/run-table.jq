# jq -r -s -f this -L its folder.  The steps of `infraflux run` as a table: a row an environment, a column a verb.  Input: an array of steps.
include "table";

def cell: if .status == 0 then "ok \(.seconds * 1000 | round)ms" else "FAILED(\(.status))" end;

(map(.verb) | reduce .[] as $v ([]; if index([$v]) then . else . + [$v] end)) as $verbs |
[(["ENVIRONMENT"] + ($verbs | map(ascii_upcase)) + ["OBJECTS"]),
	((. as $all | map(.environment) | reduce .[] as $e ([]; if index([$e]) then . else . + [$e] end) | .[] as $e | $all | map(select(.environment == $e))) |
	(map({(.verb): .}) | add) as $by |
	[.[0].environment] + [$verbs[] | $by[.] | if . then cell else "-" end] + [$by.recover.result.objects // "-"])]
| table
