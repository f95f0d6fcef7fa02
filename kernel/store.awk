# Makes a cell less work to compile, line for line: awk -f store.awk store.rs src/lib.rs
# It puts our store in the place of evcxr's, and what the cell doesn't name stays in it: evcxr has every cell take everything
# out and put it back, and with `-v whole=1` that stays so. Nothing changes where evcxr's store has other names than ours, or
# fewer lines.

function names(line) {
  return match(line, /pub (const|fn|struct) [A-Za-z_]+/) ? substr(line, RSTART, RLENGTH) ";" : ""
}

# Which variable a line of evcxr's takes out or puts back.
function variable(line) {
  if (line !~ /^(let (mut )?[A-Za-z0-9_]+ = )?evcxr_variable_store\.(take|put)_variable::<.*\);$/) return ""
  if (!match(line, />\(stringify!\([A-Za-z0-9_]+\)/)) return ""
  return substr(line, RSTART + 13, RLENGTH - 14)
}

FNR == NR { ours[++lines] = $0; offered = offered names($0); next }

{ cell[++all] = $0 }
/^mod evcxr_internal_runtime \{$/ && !from { from = all; next }
from && !to { found = found names($0) }
from && !to && $0 == "}" && cell[all - 1] == "}" { to = all; next }
to && variable($0) == "" && !/^vars_ok &= evcxr_variable_store\./ {
  count = split($0, words, /[^A-Za-z0-9_]+/)
  for (word = 1; word <= count; word++) named[words[word]]
}

END {
  same = to && found == offered && to - from > lines
  for (line = 1; line <= all; line++) {
    if (same && line > from && line < to) print ours[line - from]
    else if (same && !whole && line > to && (name = variable(cell[line])) != "" && !(name in named)) print ""
    else print cell[line]
  }
}
