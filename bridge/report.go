package bridge

import "time"

// ReportQuery says what a report is about: guest conversations, from the day of From to the day before that of To, in the
// zone in which the store counts days.
type ReportQuery struct {
	From, To time.Time
	Endpoint EndpointName // where visitors write; "": everywhere
}

// Report is how it went.
type Report struct {
	All       Measures
	Days      []ReportPart    // by day, as "2026-11-26"; days on which nothing happened are left out
	Hours     [7][24]Measures // by weekday, Sunday first, and hour; without Spread
	Endpoints []ReportPart    // by where visitors write
	Agents    []ReportPart    // by AgentID
	Languages []ReportPart    // by the visitors' language, as "de"; "": not known
}

// ReportPart is a part of a report.
type ReportPart struct {
	Of string
	Measures
}

// Measures are what is counted, each on the day and at the hour at which it happened.
type Measures struct {
	Opened       int64 // conversations
	VisitorLines int64
	AgentLines   int64
	RobotLines   int64
	// FirstAnswer is how long visitors waited for the first word of an agent. Of an agent it is how long those waited whom they
	// answered first.
	FirstAnswer Spread
	// Resolution is from a conversation's beginning, or from when it was opened again, until it was closed.
	Resolution Spread
	Rated      int64 // conversations; a rating that is changed counts once
	RatingSum  int64 // of their ratings
}

// Rating is the mean rating; 0 when there is none.
func (m Measures) Rating() float64 {
	if m.Rated == 0 {
		return 0
	}
	return float64(m.RatingSum) / float64(m.Rated)
}

// Spread is how long something took. Median and P90 are estimates, from how many took how long about.
type Spread struct {
	Count             int64
	Mean, Median, P90 time.Duration
}

// SpreadBounds are where the steps end by which durations are told apart: each is counted with the first that it is not
// beyond, and the longest after the last.
var SpreadBounds = [...]time.Duration{
	15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute,
	40 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour,
}

// NewSpread makes a Spread of how many there are of each step, and of their sum.
func NewSpread(steps [len(SpreadBounds) + 1]int64, sum time.Duration) Spread {
	var s Spread
	for _, n := range steps {
		s.Count += n
	}
	if s.Count == 0 {
		return s
	}
	s.Mean = sum / time.Duration(s.Count)
	s.Median, s.P90 = quantile(steps, s.Count, 0.5), quantile(steps, s.Count, 0.9)
	return s
}

// quantile takes those of a step as spread evenly over it. Of the last step, which has no end, it is the beginning.
func quantile(steps [len(SpreadBounds) + 1]int64, count int64, q float64) time.Duration {
	rank := q * float64(count)
	var from time.Duration
	for i, n := range steps {
		if i == len(SpreadBounds) {
			break
		}
		if rank <= float64(n) && n > 0 {
			return from + time.Duration(rank/float64(n)*float64(SpreadBounds[i]-from))
		}
		rank -= float64(n)
		from = SpreadBounds[i]
	}
	return from
}
