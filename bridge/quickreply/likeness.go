package quickreply

import "math/bits"

// A term is a word ready to be compared.
type term struct {
	head
	text  string
	runes []rune
}

// head is what of a word tells most others apart.
type head struct {
	mask          uint32 // of the letters it has: a–z, digits together, all others in the bits that remain
	first, second rune   // second is 0 in a word of one letter
	n             int    // letters
}

func newTerm(text string) term {
	t := term{text: text, runes: []rune(text)}
	t.n, t.first = len(t.runes), t.runes[0]
	if t.n > 1 {
		t.second = t.runes[1]
	}
	for _, r := range t.runes {
		t.mask |= letterBit(r)
	}
	return t
}

func letterBit(r rune) uint32 {
	switch {
	case 'a' <= r && r <= 'z':
		return 1 << (r - 'a')
	case '0' <= r && r <= '9':
		return 1 << 26
	}
	return 1 << (27 + r%5)
}

// Costs of typing errors. A whole wrong letter is 10.
const (
	wrongLetter   = 10
	nextLetter    = 7 // the key beside
	swapped       = 7
	missingLetter = 8
	doubledLetter = 5
	extraLetter   = 10
	wrongStart    = 4 // what an error in the first letter costs more
)

// A typed word is one of a query, with how much error is thought possible in it.
type typed struct {
	term
	strange int // how many letters it may have that the word meant has not
	limit   int // what its errors may cost
}

// newTyped takes a word that is in the index for right unless it is nearly another.
func newTyped(text string, known bool) typed {
	q := typed{newTerm(text), 2, 24}
	switch {
	case q.n <= 2:
		q.strange, q.limit = 0, 0
	case q.n == 3:
		q.strange, q.limit = 1, missingLetter
	case q.n == 4 || known:
		q.strange, q.limit = 1, wrongLetter
	case q.n <= 6:
		q.strange, q.limit = 1, 16
	case q.n == 7:
		q.limit = 16
	}
	return q
}

// mayMean is a quick no for nearly all words: too many letters of one are not in the other, or they begin too differently.
func (q *typed) mayMean(w *head) bool {
	if bits.OnesCount32(q.mask&^w.mask) > q.strange {
		return false
	}
	if q.first == w.first {
		return true
	}
	return q.n >= 3 && w.n >= 3 && w.n <= q.n+2 && bits.OnesCount32(w.mask&^q.mask) <= q.strange &&
		(q.second == w.first || q.first == w.second || q.second == w.second)
}

// mayAbbreviate is a quick no as well.
func (q *typed) mayAbbreviate(w *head) bool {
	return q.first == w.first && q.n >= 2 && q.n < w.n && q.mask&^w.mask == 0
}

// likeness says how probable it is that somebody who typed q meant w, from 0 to 1 (the same).
func (q *typed) likeness(w *term) float32 {
	a, b := q.runes, w.runes
	same := commonStart(a, b)
	if same == len(a) {
		if same == len(b) {
			return 1
		}
		return beginning(len(a), len(b))
	}
	best := sameStem(same, len(a), len(b))
	if q.limit == 0 || len(b) < len(a)-2 {
		return best
	}
	whole, begun, at := distance(a, b, q.limit)
	if whole <= q.limit {
		best = max(best, correct(whole, len(a)))
	}
	if begun <= q.limit && len(a) >= 4 && a[0] == b[0] {
		best = max(best, correct(begun, len(a))*beginning(at, len(b)))
	}
	return best
}

func commonStart(a, b []rune) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// beginning is the likeness of a word of which the first of n letters are there.
func beginning(of, n int) float32 { return 0.78 + 0.2*float32(of)/float32(n) }

// correct is the likeness of n letters typed with an error.
func correct(err, n int) float32 { return 1 - 0.09*float32(err)/float32(n) }

// sameStem is the likeness of two forms of a word, a and b letters long, of which the first n are the same.
func sameStem(n, a, b int) float32 {
	if n < 4 || a-n > 3 || b-n > 3 || 2*n < a || 2*n < b {
		return 0
	}
	return 0.5 + 0.8*float32(n)/float32(a+b)
}

// distance returns what it costs to get from the typed a to b, and to the beginning of b that is cheapest, with that
// beginning's length. What is more than the limit may be any number above it.
func distance(a, b []rune, limit int) (whole, begun, at int) {
	longer := len(b) > len(a)+limit/missingLetter // then only its beginning can be alike
	if longer {
		b = b[:len(a)+limit/missingLetter]
	}
	var rows [3][maxWord + 4]int
	before, last, this := rows[0][:len(b)+1], rows[1][:len(b)+1], rows[2][:len(b)+1]
	for j := range last {
		last[j] = j * missingLetter
		if j > 0 {
			last[j] += wrongStart
		}
	}
	for i := 1; i <= len(a); i++ {
		start := 0
		if i == 1 {
			start = wrongStart
		}
		this[0] = last[0] + extraLetter + start
		least := this[0]
		for j := 1; j <= len(b); j++ {
			c := last[j-1]
			if a[i-1] != b[j-1] {
				c += wrong(a[i-1], b[j-1]) + start
			}
			extra := extraLetter + start
			if i > 1 && a[i-1] == a[i-2] {
				extra = doubledLetter
			}
			c = min(c, last[j]+extra, this[j-1]+missingLetter)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				c = min(c, before[j-2]+swapped)
			}
			this[j] = c
			least = min(least, c)
		}
		if least > limit {
			return least, least, 0
		}
		before, last, this = last, this, before
	}
	whole, begun = last[len(b)], limit+1
	for j := len(b); j > 0; j-- {
		if last[j] < begun {
			begun, at = last[j], j
		}
	}
	if longer {
		whole = limit + 1
	}
	return whole, begun, at
}

// wrong is the cost of typing a for b.
func wrong(a, b rune) int {
	if beside(a, b) {
		return nextLetter
	}
	return wrongLetter
}

// beside reports keys that touch, on the keyboards most Latin letters are typed on; Y and Z change places between them.
func beside(a, b rune) bool {
	if a < 'a' || a > 'z' || b < 'a' || b > 'z' {
		return false
	}
	if a == 'z' && b == 'y' || a == 'y' && b == 'z' {
		return true
	}
	across := int(keyColumn[b-'a']) - int(keyColumn[a-'a'])
	switch int(keyRow[b-'a']) - int(keyRow[a-'a']) {
	case 0:
		return across == 1 || across == -1
	case -1: // a key touches the two above it, to its right
		return across == 0 || across == 1
	case 1:
		return across == 0 || across == -1
	}
	return false
}

// Where the keys a to z are.
const (
	keyRow    = "12210111011122000010020202"
	keyColumn = "04222345767865890314631150"
)
