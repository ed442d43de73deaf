{{ toDate "2006-01-02" "2017-12-31" }}|{{ toDate "2006-01-02" "x" }}|{{ (toDate "2006-01-02 15:04:05" "2017-12-31 10:11:12").Format "Jan 2, 2006 at 3:04pm (MST)" }}|{{ toDate "2006-01-02T15:04:05Z07:00" "2017-12-31T10:11:12+02:00" }}|{{ toDate "2006-01-02T15:04:05Z07:00" "2017-12-31T10:11:12.345Z" }}|{{ (toDate "2006-01-02" "2020-02-29").AddDate 1 0 0 }}|{{ toDate "Jan _2 2006" "Mar  5 2021" | unixEpoch }}|{{ (toDate "2006-01-02" "2021-02-29") }}|{{ (toDate "3:04PM" "4:05PM").Hour }}
{{ $t := toDate "2006-01-02 15:04:05" "2021-03-04 05:06:07" }}{{ $t.Year }} {{ $t.Month }} {{ $t.Day }} {{ $t.Hour }} {{ $t.Minute }} {{ $t.Second }} {{ $t.Weekday }} {{ $t.YearDay }} {{ $t.Unix }} {{ $t.UTC }} {{ $t.IsZero }} {{ dateModify "-1.5h" $t }} {{ dateModify "72h30m15s" $t }} {{ date_modify "x" $t }} {{ date "2006" $t }} {{ toJson $t }} {{ toYaml $t }} {{ typeOf $t }} {{ kindOf $t }} {{ $t | date "2006-01-02" }} {{ ($t.Sub (toDate "2006-01-02" "2021-03-04")) }} {{ $t.Before (toDate "2006-01-02" "2021-03-05") }}
{{ mustToDate "2006-01-02" "x" }}
{{ mustDateModify "x" now }}
{{ unixEpoch "x" }}
{{ upper now }}
