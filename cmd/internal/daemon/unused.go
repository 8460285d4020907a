package daemon

import (
	"slices"

	"github.com/skeindesk/skein/config"
)

// Unused lists the keys of a configuration that are valid but that this version does nothing with. Operators are told,
// so that nobody relies on them.
func Unused(cfg config.Config) []string {
	var keys []string
	note := func(used bool, key string) {
		if !used {
			keys = append(keys, key)
		}
	}
	for _, e := range cfg.Endpoints {
		if s, ok := e.Settings.(*config.Slack); ok {
			note(s.Colleagues == "" || slices.Contains(cfg.Colleagues, e.Name), "endpoints."+e.Name+".colleagues")
		}
	}
	return keys
}
