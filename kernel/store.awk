# Puts our store in the place of evcxr's in a cell, line for line: awk -f store.awk store.rs src/lib.rs
# Nothing changes where evcxr's has other names than ours, or fewer lines.

function names(line) {
  return match(line, /pub (const|fn|struct) [A-Za-z_]+/) ? substr(line, RSTART, RLENGTH) ";" : ""
}

FNR == NR { ours[++lines] = $0; offered = offered names($0); next }

{ cell[++all] = $0 }
/^mod evcxr_internal_runtime \{$/ && !from { from = all; next }
from && !to { found = found names($0) }
from && !to && $0 == "}" && cell[all - 1] == "}" { to = all }

END {
  same = to && found == offered && to - from > lines
  for (line = 1; line <= all; line++) print (same && line > from && line < to ? ours[line - from] : cell[line])
}
