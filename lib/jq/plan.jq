# SPDX-License-Identifier: MIT
# The plan of `tofu show -json` as objects that diff-drift compares: wants $side, "after" (what is planned) or "before" (what
# is there). Secrets are masked; what is known only after the apply is left out of both.

# Where $mark is true, value becomes what $hide says; null takes it away.
def masked($mark; $hide):
	if $mark == true then $hide
	elif type == "object" and ($mark | type) == "object" then
		with_entries(.key as $k | .value |= masked($mark[$k]; $hide)) | with_entries(select(.value != null))
	elif type == "array" and ($mark | type) == "array" then [range(length) as $i | .[$i] | masked($mark[$i]; $hide) | select(. != null)]
	else . end;

.resource_changes // [] | .[] | select(.mode == "managed")
| (.change[$side + "_sensitive"]) as $secret | (.change.after_unknown) as $unknown | . as $r
| .change[$side] | select(. != null)
| masked($unknown; null) | masked($secret; "(sensitive)")
| {apiVersion: "infrastructure/v1", kind: $r.type, metadata: {name: $r.address}, spec: .}
