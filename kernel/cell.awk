# Makes a cell less work to compile: awk -v kept=cell.items -f cell.awk store.rs src/lib.rs
#
# It puts our store in the place of evcxr's, and what the cell doesn't name stays in it: evcxr has every cell take everything
# out and put it back.
#
# And what earlier cells have defined stays on the lines where it was, which `kept` remembers. evcxr writes all of it in no
# order, and what is on another line than last time the compiler begins anew, since it may have to tell that line. What's new
# follows, and what's gone leaves empty lines.
#
# With `-v whole=1`, and without `kept`, only the store is another. Nothing changes where evcxr's store has other names than
# ours, or fewer lines.

function names(line) {
  return match(line, /pub (const|fn|struct) [A-Za-z_]+/) ? substr(line, RSTART, RLENGTH) ";" : ""
}

# Which variable a line of evcxr's takes out or puts back.
function variable(line) {
  if (line !~ /^(let (mut )?[A-Za-z0-9_]+ = )?evcxr_variable_store\.(take|put)_variable::<.*\);$/) return ""
  if (!match(line, />\(stringify!\([A-Za-z0-9_]+\)/)) return ""
  return substr(line, RSTART + 13, RLENGTH - 14)
}

# Reads on by a line: how many brackets are open, what text or comment the line ends in, and the last character outside these.
function scan(line,   token, before) {
  while (line != "") {
    if (within == "comment") {
      if (!match(line, /\/\*|\*\//)) return
      comments += substr(line, RSTART, 1) == "/" ? 1 : -1
      if (!comments) within = ""
    } else if (within == "text") {
      if (!match(line, /^([^"\\]|\\.)*"/)) return
      within = ""
    } else if (within) {
      RSTART = index(line, within)
      if (!RSTART) return
      RLENGTH = length(within)
      within = ""
    } else {
      token = match(line, /[]{}()["']|r#*"|\/\/|\/\*/) ? substr(line, RSTART, RLENGTH) : ""
      before = token ? substr(line, 1, RSTART - 1) : line
      sub(/[ \t]+$/, "", before)
      if (before != "") last = substr(before, length(before))
      if (token == "" || token == "//") return
      line = substr(line, RSTART)
      if (token == "/*") { within = "comment"; comments = 1 }
      else if (token == "\"") within = "text"
      else if (token ~ /^r/) within = "\"" substr(token, 2, length(token) - 2) # closed by as many hashes
      else if (token == "'") match(line, /^'((\\.[^']*|[^\\'][^ -~]*)')?/) # a character, or else a lifetime
      else { depth += index("([{", token) ? 1 : -1; last = token }
      RSTART = 1
    }
    line = substr(line, RSTART + RLENGTH)
  }
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

# What stands before the store: attributes of the whole, and then item after item, without comments between them. Where a cell
# only defines, evcxr writes no store, and the last item is the function that the kernel calls. It gets one all the same: the
# next cell has it again.
from { next }
!items && /^(#!\[.*)?$/ { head = all; next }
!begun && /^[ \t]*(\/\/([^\/!].*)?)?$/ { next }
{
  if (!begun) { first[++items] = all; last = "" }
  item[items] = begun ? item[items] "\n" $0 : $0
  scan($0)
  begun = depth || within || last !~ /[;}]/
}

# Of the items, those that `kept` names as and where it does, and then the others.
function settled(   text, line, known, order, number, present) {
  for (number = 1; number <= items; number++) waiting[item[number]]
  while ((getline line < kept) > 0) {
    if (line != "\f") { text = text == "" ? line : text "\n" line; continue }
    order[++known] = text
    present += text in waiting ? 1 : -1
    text = ""
  }
  close(kept)
  printf "" > kept
  for (number = 1; number <= known + items; number++) {
    text = number <= known ? order[number] : item[number - known]
    if (text in waiting) {
      print text
      delete waiting[text]
    } else {
      # What's gone may come again, unless most of it has gone for good.
      if (number > known || present < 0) continue
      line = text
      gsub(/[^\n]+/, "", line)
      print line
    }
    printf "%s\n\f\n", text > kept
  }
}

END {
  same = to && found == offered && to - from > lines
  entry = !from && item[items] ~ /^#\[[^\n]*no_mangle[^\n]*\]\npub extern "C" fn run_user_code_/ ? first[items--] : 0
  steady = kept && !begun && (same || entry)
  for (line = 1; line <= head; line++) print cell[line]
  if (steady) {
    print "mod evcxr_internal_runtime {"
    for (line = 1; line <= lines; line++) print ours[line]
    print "}"
    settled()
    line = from ? to + 1 : entry
  }
  for (; line <= all; line++) {
    if (same && line > from && line < to) print ours[line - from]
    else if (same && !whole && line > to && (name = variable(cell[line])) != "" && !(name in named)) print ""
    else print cell[line]
  }
}
