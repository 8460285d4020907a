package robot

import (
	"context"
	"fmt"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// maxWhole is how many bytes of an article are given as an answer. Of a longer one it is the passage that was found.
const maxWhole = 2000

// Knowledge answers with the team's articles as they are. It calls nobody and never fails.
type Knowledge struct {
	// Sure is from which confidence on the best article is the answer, Possible from which on the nearest are offered.
	Sure, Possible float64
}

var _ bridge.RobotEngine = Knowledge{}

// Answer implements bridge.RobotEngine.
func (k Knowledge) Answer(_ context.Context, q bridge.RobotQuestion) (bridge.RobotAnswer, error) {
	if len(q.Passages) == 0 {
		return bridge.RobotAnswer{Unsure: true, Why: "Nothing in the knowledge is about this."}, nil
	}
	best := q.Passages[0]
	switch {
	case best.Confidence >= k.Sure:
		return bridge.RobotAnswer{
			Text: whole(best), Sources: []bridge.Source{best.Source}, Confidence: best.Confidence,
			Why: fmt.Sprintf("“%s” answers this (%s).", best.Title, percent(best.Confidence)),
		}, nil
	case best.Confidence >= k.Possible:
		a := bridge.RobotAnswer{Confidence: best.Confidence}
		for _, p := range q.Passages[:min(len(q.Passages), bridge.MaxOffers)] {
			a.Offers = append(a.Offers, p.Source)
		}
		a.Why = fmt.Sprintf("“%s” comes nearest, but not clearly (%s).", best.Title, percent(best.Confidence))
		return a, nil
	}
	return bridge.RobotAnswer{
		Unsure: true, Confidence: best.Confidence,
		Why: fmt.Sprintf("Nothing in the knowledge comes near enough (at most %s).", percent(best.Confidence)),
	}, nil
}

// whole is what an article answers.
func whole(p bridge.Passage) rich.Doc {
	if len(rich.Plain(p.Answer)) > maxWhole && p.Text != "" {
		return rich.Of(p.Text)
	}
	return p.Answer
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }
