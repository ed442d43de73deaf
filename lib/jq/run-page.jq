# The steps of `infraflux run` as one self-contained HTML page.  Input: an array of steps.  jq -r -s -f
def text: tostring | @html;
def ms: if . < 1 then "\(. * 1000 | round) ms" else "\(. * 10 | round / 10) s" end;
def steps_of($all; $env): $all | map(select(.environment == $env));
def state: if .status == 0 then "ok" elif .status == 1 then "found" else "bad" end;
def word: if .status == 0 then "ok" elif .status == 1 then "findings" else "failed" end;
def purpose:
	{provision: "plan of machines", deploy: "desired to target", verify: "released, valid, restorable",
	 backup: "packed and checked", recover: "restored elsewhere", compare: "byte by byte", drift: "live against release"}[.] // "";

def style: "
:root { color-scheme: light dark; --bg: #f6f7f9; --card: #fff; --ink: #1c2330; --dim: #667085; --line: #e4e7ec;
	--ok: #12805c; --okbg: #e3f5ee; --found: #9a6700; --foundbg: #fff3d6; --bad: #b42318; --badbg: #fdeceb; --bar: #3b6fd4 }
@media (prefers-color-scheme: dark) { :root { --bg: #12161d; --card: #1a202a; --ink: #e6e9ef; --dim: #98a2b3; --line: #2b3442;
	--ok: #5fd3a8; --okbg: #15372c; --found: #f2c55c; --foundbg: #3a2f12; --bad: #ff9a90; --badbg: #43201d; --bar: #6f9bf0 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, Segoe UI, Roboto, sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px }
h1 { font-size: 26px; margin: 0 } h2 { font-size: 19px; margin: 0 }
header { display: flex; flex-wrap: wrap; gap: 12px 24px; align-items: baseline; justify-content: space-between; margin-bottom: 20px }
.dim { color: var(--dim) } .mono, pre, code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px; margin-bottom: 18px }
.row { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; justify-content: space-between; margin-bottom: 14px }
.pill { border-radius: 999px; padding: 2px 12px; font-size: 13px; font-weight: 600; white-space: nowrap }
.ok { color: var(--ok); background: var(--okbg) } .found { color: var(--found); background: var(--foundbg) } .bad { color: var(--bad); background: var(--badbg) }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(104px, 1fr)); gap: 10px; margin: 0 0 16px }
.facts div { border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px }
.facts dt { font-size: 12px; color: var(--dim) } .facts dd { margin: 0; font-size: 18px; font-weight: 600; overflow-wrap: anywhere }
details { border-top: 1px solid var(--line) } summary { list-style: none; cursor: pointer; padding: 8px 0 }
summary::-webkit-details-marker { display: none }
.step { display: grid; grid-template-columns: 18px 92px minmax(0, 1fr) 74px 84px; gap: 10px; align-items: center }
.step b { font-weight: 600 } .num { text-align: right; font-variant-numeric: tabular-nums }
.track { height: 8px; border-radius: 4px; background: var(--line); overflow: hidden } .track i { display: block; height: 100%; border-radius: 4px; background: var(--bar) }
.caret { color: var(--dim); transition: transform .12s } details[open] .caret { transform: rotate(90deg) }
pre { margin: 0 0 12px 28px; padding: 12px; background: var(--bg); border-radius: 8px; font-size: 12.5px; line-height: 1.45; max-height: 420px; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere }
.what { color: var(--dim); font-size: 13px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
@media (max-width: 620px) { .step { grid-template-columns: 18px 1fr 70px 78px } .track { display: none } .what { display: none } }
";

def step($longest):
	"<details\(if .status == 0 then "" else " open" end)><summary><div class=step><span class=caret>&#9656;</span><b>\(.verb | text)</b>" +
	"<div><div class=what>\(.verb | purpose | text)</div><div class=track><i style=\"width:\([.seconds / $longest * 100, 1] | max | round)%\"></i></div></div>" +
	"<span class=\"num dim\">\(.seconds | ms)</span><span class=num><span class=\"pill \(state)\">\(word)</span></span></div></summary>" +
	"<pre>\(.log | if . == "" then "(nothing printed)" else . end | text)</pre></details>";

def fact($name; $value): if $value == null then "" else "<div><dt>\($name | text)</dt><dd>\($value | text)</dd></div>" end;

def environment($all; $longest):
	. as $env | steps_of($all; $env) as $steps | ($steps | map({(.verb): .}) | add) as $by | ($steps | max_by(.status)) as $worst |
	"<section class=card id=\"\($env | text)\"><div class=row><h2>\($env | text) <span class=\"dim mono\" style=\"font-size:13px;font-weight:400\">\($steps[0].target | text)</span></h2>" +
	"<span class=\"pill \($worst | state)\">\(if $worst.status == 0 then "all \($steps | length) steps fine" else "\($worst.verb) \($worst | word)" end | text)</span></div>" +
	"<dl class=facts>" + fact("release"; $by.deploy.result.release) + fact("objects"; $by.recover.result.objects) +
	fact("changed"; $by.deploy.result.changed) + fact("removed"; $by.deploy.result.pruned) +
	fact("machine files"; $by.provision.result.files) +
	fact("backup"; $by.backup.result.bytes | if . then "\(. / 1024 | round) KiB" else null end) +
	fact("drifted"; $by.drift.result.drifted) + fact("took"; $steps | map(.seconds) | add | ms) + "</dl>" +
	($steps | map(step($longest)) | join("")) + "</section>";

. as $all | (map(.environment) | reduce .[] as $e ([]; if index([$e]) then . else . + [$e] end)) as $envs |
(map(.seconds) | max) as $longest | (map(.status) | max) as $worst |
"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">" +
"<title>InfraFlux: \($envs | join(", ") | text)</title><style>\(style)</style><main>" +
"<header><div><h1>Platform run</h1><div class=dim>\($envs | length) environment\(if ($envs | length) == 1 then "" else "s" end), \(length) steps, \(map(.seconds) | add | ms)</div></div>" +
"<span class=\"pill \({status: $worst} | state)\" style=\"font-size:15px\">\(if $worst == 0 then "everything fine" elif $worst == 1 then "there are findings" else "something failed" end)</span></header>" +
($envs | map(environment($all; $longest)) | join("")) +
"<p class=dim>Each line opens to what the step printed. The same facts as JSON Lines: <code>.state/.infraflux/run/steps.jsonl</code>; at a glance: <code>infraflux status</code>.</p></main></html>"
