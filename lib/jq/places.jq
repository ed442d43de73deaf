# SPDX-License-Identifier: MIT
# Findings of a configuration, {path, says, with}, with the lines that set the values: wants $origins, the lines of
# an origins file, and $rule; gives `FILE:LINE:COL: error: PATH: SAYS [RULE]`.

def place($tree; $files; $path):
	def text: "\($files[.[0]]):\(.[1]):\(.[2])";
	# A map stands where its key does; a value where it does.
	reduce ($path | split("."))[] as $key ({at: $tree, best: ($tree[0:3])};
		if .at == null then .
		else (if (.at[3] | type) == "object" then .at[3][$key] else null end) as $child
			| if $child == null then .at = null
			else .at = $child[2] | .best = (if (.at[3] | type) == "object" then [.at[0], $child[0], $child[1]] else .at[0:3] end)
			end
		end)
	| .best | text;

($origins | map(select(has("source")) | {key: "\(.source)", value: .file}) | from_entries) as $named
| ([range($named | length)] | map($named["\(.)"])) as $files
| ($origins[-1].tree) as $tree
| .[] | "\(place($tree; $files; .path)): error: \(.path): \(.says)\(if .with then " (\(place($tree; $files; .with)))" else "" end) [\($rule)]"
