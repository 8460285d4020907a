package quickreply

import (
	"fmt"
	"strings"
)

// Fault is what is wrong at a line of an import.
type Fault struct {
	Line int    // from 1
	Text string // a sentence for people
}

func (f Fault) String() string { return fmt.Sprintf("line %d: %s", f.Line, f.Text) }

// maxFaults is how many faults are told of one import.
const maxFaults = 100

// The two groups that a reply can be of.
const (
	groupTeam     = "team"
	groupPersonal = "personal"
)

// group of what is written out.
func group(r *Reply) string {
	if r.Owner != 0 {
		return groupPersonal
	}
	return groupTeam
}

// An intake collects what an import reads. What comes again under its shortcut, in another language, is a variant.
type intake struct {
	owner   int64
	replies []Reply
	faults  []Fault
	at      map[string]int // index by group and shortcut
	lines   []int          // of replies
}

func (in *intake) fault(line int, format string, args ...any) {
	if len(in.faults) < maxFaults {
		in.faults = append(in.faults, Fault{line, fmt.Sprintf(format, args...)})
	}
}

// add takes a reply in that stands at the line.
func (in *intake) add(line int, group string, r Reply) {
	switch strings.ToLower(strings.TrimSpace(group)) {
	case "", groupTeam:
	case groupPersonal:
		if in.owner == 0 {
			in.fault(line, "Nobody is named whose personal replies are read: the group can only be team here.")
			return
		}
		r.Owner = in.owner
	default:
		in.fault(line, "The group is team or personal.")
		return
	}
	r = r.Tidy()
	if wrong := r.Check(); wrong != "" {
		in.fault(line, "%s", wrong)
		return
	}
	key := fmt.Sprint(r.Owner, " ", Key(r.Shortcut))
	i, again := in.at[key]
	if !again {
		if in.at == nil {
			in.at = map[string]int{}
		}
		in.at[key] = len(in.replies)
		in.replies, in.lines = append(in.replies, r), append(in.lines, line)
		return
	}
	first := &in.replies[i]
	if _, had := first.Variants[r.Language]; had || strings.EqualFold(r.Language, first.Language) || r.Language == "" || len(r.Variants) > 0 {
		in.fault(line, "There is a reply %q already, at line %d. A variant of it needs a language of its own.", first.Shortcut, in.lines[i])
		return
	}
	first.Variants[r.Language] = r.Body
}

// result is everything or, if there is a fault, nothing.
func (in *intake) result() ([]Reply, []Fault) {
	if len(in.faults) > 0 {
		return nil, in.faults
	}
	return in.replies, nil
}
