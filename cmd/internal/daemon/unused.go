package daemon

import "github.com/skeindesk/skein/config"

// Unused lists the keys of a configuration that are valid but that this version does nothing with. Operators are told,
// so that nobody relies on them.
func Unused(cfg config.Config) []string {
	var keys []string
	note := func(used bool, key string) {
		if !used {
			keys = append(keys, key)
		}
	}
	note(cfg.Translator.Engine == config.NoEngine, "translator")
	note(cfg.Robot.Engine == config.NoEngine, "robot")
	note(len(cfg.Colleagues) == 0, "colleagues")
	for _, e := range cfg.Endpoints {
		if s, ok := e.Settings.(*config.Slack); ok {
			note(s.Hold == 0, "endpoints."+e.Name+".hold")
			note(s.Colleagues == "", "endpoints."+e.Name+".colleagues")
		}
	}
	return keys
}
