{{ semver "x" }}
{{ (semver "1.2.3").Nope }}
{{ semverCompare "x" "1.0.0" }}
{{ semverCompare ">1" "x" }}
{{ semverCompare "" "1.0.0" }}
{{ date "2006-01-02 15:04:05" 0 }}|{{ dateInZone "2006-01-02T15:04:05Z07:00" 1600000000 "America/New_York" }}|{{ dateInZone "Mon Jan _2 15:04:05 MST 2006" 1600000000 "Europe/Berlin" }}|{{ dateInZone "3:04PM -0700" 1600000000 "Asia/Kolkata" }}|{{ dateInZone "2006 002 __2 Monday January 06 1 2 3 4 5 03 pm .000 Z0700" (int64 86400) "UTC" }}|{{ dateInZone "2006" 0 "No/Where" }}|{{ htmlDate 0 }}|{{ htmlDateInZone 0 "Asia/Tokyo" }}|{{ dateInZone "2006-01-02 15:04 MST" 4000000000 "Europe/Berlin" }}|{{ dateInZone "2006-01-02 15:04 MST" 4100000000 "America/Sao_Paulo" }}|{{ dateInZone "2006-01-02 15:04 MST" 3990000000 "Australia/Sydney" }}|{{ dateInZone "MST" 0 "" }}|{{ dateInZone "2006-01-02 15:04:05 MST" -3000000000 "Europe/Berlin" }}
