package bridge

import (
	"maps"
	"time"
)

// Policy is how the team works at one moment: what the configuration says, else what was set in the workbench, else the
// default. It is never changed: what is set makes another one (see [Settings]).
type Policy struct {
	Endpoints  map[EndpointName]EndpointPolicy
	ClosedDays int    // how many days after they were closed conversations are erased; 0: never
	ReportZone string // the time zone by which reports count days; "" is UTC
}

// EndpointPolicy is what of a Policy is about one endpoint.
type EndpointPolicy struct {
	Hours    OfficeHours // of a website: when visitors can expect somebody
	Office   Office      // the same, ready to be asked
	Greeting Texts       // of a website
	Away     Texts       // of a website: instead of Greeting while nobody is there

	Rules []Rule // where visitors write: at which desks conversations open their threads; see Rule

	Hold  time.Duration // where agents write: how long what is said to a visitor waits, in whole milliseconds
	Notes bool          // where agents write: a plain line is a note, not a reply
}

// OfficeHours are when visitors can expect somebody, as they are written. The zero OfficeHours are always.
type OfficeHours struct {
	Zone   string   `json:"zone,omitempty"`   // such as Europe/Berlin; required with either of the others
	Open   []string `json:"open,omitempty"`   // such as "mon-fri 9-17"; none: all day
	Closed []string `json:"closed,omitempty"` // days such as 2026-12-24, or 12-25 for every year
}

// Office is what the hours mean. The error is a *Problem.
func (h OfficeHours) Office() (Office, error) {
	if h.Zone == "" && len(h.Open)+len(h.Closed) > 0 {
		return Office{}, badHours("the time zone is missing")
	}
	return ParseOffice(OfficeText(h.Open, h.Zone), h.Closed)
}

// At is what the policy says of an endpoint.
func (p *Policy) At(e EndpointName) EndpointPolicy { return p.Endpoints[e] }

// Zone is the time zone by which reports count days.
func (p *Policy) Zone() *time.Location {
	zone, err := time.LoadLocation(p.ReportZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// clone is a policy that can be changed without changing p.
func (p *Policy) clone() *Policy {
	c := *p
	c.Endpoints = maps.Clone(p.Endpoints)
	if c.Endpoints == nil {
		c.Endpoints = map[EndpointName]EndpointPolicy{}
	}
	return &c
}

// over is a route as the policy has it.
func (p EndpointPolicy) over(r Route) Route {
	r.Notes, r.Hold, r.Rules, r.Office = p.Notes, p.Hold, p.Rules, p.Office
	return r
}
