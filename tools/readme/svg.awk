# From what a terminal shows (tmux capture-pane -e -p) to a picture of it. Knows the looks that the program uses: bold, dim, green.
# Every stretch of text has its place and its width, so that any monospaced font keeps the columns.

BEGIN { cell = 8.4; line = 18; columns = 80; left = 14; top = 44 }

{ rows[++count] = $0 }

END {
  while (count > 0 && rows[count] ~ /^ *$/) count--
  width = left * 2 + columns * cell
  height = top + count * line + 8
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:space=\"preserve\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n", width, height, width, height
  printf "<style>text{font:14px 'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#d8dee9;white-space:pre}.b{font-weight:bold}.d{fill:#7b8496}.g{fill:#a3be8c}</style>\n"
  printf "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#1e222a\"/>\n", width, height
  printf "<circle cx=\"20\" cy=\"16\" r=\"5\" fill=\"#bf616a\"/><circle cx=\"38\" cy=\"16\" r=\"5\" fill=\"#ebcb8b\"/><circle cx=\"56\" cy=\"16\" r=\"5\" fill=\"#a3be8c\"/>\n"
  for (row = 1; row <= count; row++) draw(rows[row], top + (row - 1) * line)
  print "</svg>"
}

# A row: text between sequences that change how it looks. The look goes on in the next row.
function draw(text, y,    column, end, run) {
  column = 0
  while (length(text) > 0) {
    if (substr(text, 1, 2) == "\033[") {
      match(text, /^\033\[[0-9;]*[A-Za-z]/)
      if (substr(text, RLENGTH, 1) == "m") change(substr(text, 3, RLENGTH - 3))
      text = substr(text, RLENGTH + 1)
      continue
    }

    end = index(text, "\033")
    run = end ? substr(text, 1, end - 1) : text
    text = end ? substr(text, end) : ""
    put(run, column, y)
    column += cells(run)
  }
}

function put(run, column, y,    spaces, look) {
  match(run, /^ */)
  spaces = RLENGTH
  column += spaces
  run = substr(run, spaces + 1)
  sub(/ +$/, "", run)
  if (run == "") return
  look = bold ? "b" : dim ? "d" : green ? "g" : ""
  n = cells(run)
  gsub(/&/, "\\&amp;", run); gsub(/</, "\\&lt;", run); gsub(/>/, "\\&gt;", run)
  printf "<text x=\"%.1f\" y=\"%d\" textLength=\"%.1f\"%s>%s</text>\n", left + column * cell, y, n * cell, look == "" ? "" : " class=\"" look "\"", run
}

# Characters of a text: bytes of UTF-8 that go on with one do not count. Needs LC_ALL=C.
function cells(text) {
  gsub(/[\200-\277]/, "", text)
  return length(text)
}

function change(codes,    part, n, i) {
  n = split(codes, part, ";")
  if (n == 0) { bold = dim = green = 0 }
  for (i = 1; i <= n; i++) {
    if (part[i] == "" || part[i] == "0") bold = dim = green = 0
    else if (part[i] == "1") bold = 1
    else if (part[i] == "2") dim = 1
    else if (part[i] == "22") bold = dim = 0
    else if (part[i] == "32") green = 1
    else if (part[i] == "39") green = 0
  }
}
