package daemon

import (
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/config"
)

// robotPatience is how long after a visitor's line an engine that fails is asked again. Then a person takes over.
const robotPatience = 20 * time.Second

// manners say how the configured robot behaves; nil: there is none.
func manners(cfg config.Robot) *bridge.RobotManners {
	if cfg.Engine == config.NoEngine {
		return nil
	}
	return &bridge.RobotManners{
		Name: cfg.Name, Drafts: cfg.Mode == config.RobotDrafts, UnsureAfter: cfg.UnsureAfter,
		Handoff: bridge.HandoffRules{
			Words: cfg.Handoff.Words, Pages: cfg.Handoff.Pages, Verified: cfg.Handoff.Verified, Hours: bridge.When(cfg.Handoff.Hours),
		},
	}
}
