# Rows of cells as lines of a table with aligned columns: [["a", "bb"], ["ccc", "d"]] | table
def table:
	map(map(tostring)) | . as $rows |
	([range($rows | map(length) | max)] | map(. as $i | $rows | map(.[$i] // "" | length) | max)) as $widths |
	$rows[] | [range(length) as $i | .[$i] + (" " * ($widths[$i] - (.[$i] | length)) // "")] | join("  ") | sub(" +$"; "");
