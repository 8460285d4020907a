package website

import (
	"net/http"
	"net/netip"
	"strings"
)

// maxAgent is how much of a User-Agent is looked at.
const maxAgent = 512

// mark is what a program or a system is known by in a User-Agent, and what people call it.
type mark struct{ in, called string }

// Each of the programs also says that it is some of those after it.
var (
	programs = [...]mark{
		{"Edg/", "Edge"},
		{"EdgA/", "Edge"},
		{"EdgiOS/", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"FxiOS/", "Firefox"},
		{"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	}
	systems = [...]mark{
		{"Android", "Android"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"CrOS", "ChromeOS"},
		{"Windows", "Windows"},
		{"Mac OS X", "macOS"},
		{"Linux", "Linux"},
	}
)

// device says in a few words what a User-Agent tells of who sent it: "Firefox on Android". What it does not know it leaves
// out.
func device(agent string) string {
	agent = agent[:min(len(agent), maxAgent)]
	program, system := first(programs[:], agent), first(systems[:], agent)
	switch {
	case program == "":
		return system
	case system == "":
		return program
	default:
		return program + " on " + system
	}
}

func first(marks []mark, agent string) string {
	for _, m := range marks {
		if strings.Contains(agent, m.in) {
			return m.called
		}
	}
	return ""
}

// preferred is the language that an Accept-Language names first, which is what browsers mean by it; "" for none.
func preferred(accepted string) string {
	tag, _, _ := strings.Cut(accepted, ",")
	tag, _, _ = strings.Cut(tag, ";")
	if tag = strings.TrimSpace(tag); tag == "*" {
		return ""
	}
	return cleanLocale(tag)
}

// network is the network of an address, with what would tell one customer from another left out: 24 bits of IPv4, 48 of IPv6.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	bits := 48
	if ip.Is4() {
		bits = 24
	}
	prefix, _ := ip.WithZone("").Prefix(bits) // the number of bits is one that there is
	return prefix.String()
}

// place is about where a request comes from.
func (a *Adapter) place(r *http.Request) string {
	if a.cfg.Place == nil {
		return ""
	}
	return line(a.cfg.Place(a.address(r)), maxPlace)
}
