# SPDX-License-Identifier: MIT
# Which newer versions there are, and which of them the rules take. Input: a list of {application, kind, what, have, file, path};
# wants $index ({images: {REPOSITORY: [TAG]}, charts: {NAME: [VERSION]}}) and $rules ({allow, rules: {WHAT: {allow, pin, why}}}).
# A tag is a prefix (v), numbers, and a flavour (-alpine): only tags of the same prefix and flavour compare.

def parts: capture("^(?<prefix>v?)(?<numbers>[0-9]+([.][0-9]+)*)(?<flavour>-[A-Za-z0-9._-]+)?$")
	| {prefix, flavour: (.flavour // ""), numbers: (.numbers | split(".") | map(tonumber))};
def step($from; $to): # the first number that differs: major, minor, or what follows
	[range([($from | length), ($to | length)] | max)] | map(select(($from[.] // 0) != ($to[.] // 0)))[0]
	| if . == 0 then "major" elif . == 1 then "minor" else "patch" end;
def rank: {none: 0, patch: 1, minor: 2, major: 3}[.];

.[] | . as $use
| ($rules.rules[.what] // $rules.rules[.application] // {}) as $rule
| ($rule.allow // $rules.allow // "minor") as $allow
| (($index[.kind] // {})[.what]) as $versions
| if $versions == null then {held: "is not in the index"}
  else (try (.have | parts) catch null) as $have
  | if $have == null then {held: "has a version that is no number"}
    else [$versions[] | tostring | . as $text | (try parts catch empty) | {text: $text} + .
        | select(.prefix == $have.prefix and .flavour == $have.flavour and (.numbers | length) == ($have.numbers | length) and .numbers > $have.numbers)]
      | sort_by(.numbers) as $newer
      | [$newer[] | select((step($have.numbers; .numbers) | rank) <= ($allow | rank))][-1] as $best
      | if ($newer | length) == 0 then {}
        elif $rule.pin then {held: "\($newer[-1].text) is there, but it is pinned to \($rule.pin)\(if $rule.why then ": \($rule.why)" else "" end)"}
        elif $best == null then {held: "\($newer[-1].text) is there, a \(step($have.numbers; $newer[-1].numbers)) step, and rules allow \($allow)\(if $rule.why then ": \($rule.why)" else "" end)"}
        elif $best.text != $newer[-1].text then {want: $best.text, beyond: "\($newer[-1].text) is there, too, and rules allow \($allow)"}
        else {want: $best.text} end
    end
  end
| $use + .
