package workbench

import (
	"fmt"
	"math"

	"github.com/skeindesk/skein/bridge"
)

// A bar of a chart, in the chart's own units: 600 wide, 120 high.
type bar struct {
	x, y, width, height float64
	label               string
}

const (
	chartWidth  = 600
	chartHeight = 120
)

// bars draws a number for each part, the highest as high as the chart. top is what that stands for.
func bars(parts []bridge.ReportPart, of func(bridge.Measures) int64) (drawn []bar, top int64) {
	for _, p := range parts {
		top = max(top, of(p.Measures))
	}
	step := float64(chartWidth) / float64(max(len(parts), 1))
	for i, p := range parts {
		n := of(p.Measures)
		height := float64(chartHeight) * float64(n) / float64(max(top, 1))
		if n > 0 {
			height = max(height, 2) // something is to be seen of it
		}
		drawn = append(drawn, bar{
			x: float64(i)*step + step*.1, y: chartHeight - height, width: step * .8, height: height,
			label: fmt.Sprintf("%s: %d", p.Of, n),
		})
	}
	return drawn, top
}

func unit(f float64) string { return fmt.Sprintf("%.2f", f) }

// strength is how strongly an hour is coloured, of 10: by the root, so that quiet hours are not all alike.
func strength(n, top int64) int {
	if n == 0 || top == 0 {
		return 0
	}
	return 1 + int(math.Sqrt(float64(n)/float64(top))*9)
}

// busiest is the most conversations that began in an hour of the week.
func busiest(hours [7][24]bridge.Measures) (top int64) {
	for _, day := range hours {
		for _, m := range day {
			top = max(top, m.Opened)
		}
	}
	return top
}
