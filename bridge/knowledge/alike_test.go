package knowledge

import (
	"testing"

	"github.com/skeindesk/skein/bridge/rich"
)

func TestAlike(t *testing.T) {
	for _, test := range []struct {
		wrote, meant string
		want         float32
	}{
		{"parcle", "parcel", worthOneError},
		{"delievry", "delivery", worthOneError},
		{"delivrey", "delivary", worthTwoErrors},
		{"deliver", "delivered", worthForm},
		{"states", "tastes", 0}, // the same letters, but no word so short has two errors
		{"أشخاص", "خلال", 0},
		{"خيام", "يوما", 0},
	} {
		a, b := newWritten(test.wrote), newWritten(test.meant)
		if got := alike(&a, &b); got != test.want {
			t.Errorf("%q for %q is worth %.2f, want %.2f", test.wrote, test.meant, got, test.want)
		}
	}
}

// TestForeignMattersInAnyScript: the only article in a language is no answer to whatever is asked in it.
func TestForeignMattersInAnyScript(t *testing.T) {
	x := Build([]Article{
		{ID: "ar", Language: "ar", Title: "كيف أعيد ما اشتريته؟", Body: rich.Of("خلال ستين يوما.")},
		{ID: "he", Language: "he", Title: "איך מחזירים מוצר?", Body: rich.Of("תוך שישים יום.")},
		{ID: "ru", Language: "ru", Title: "Как вернуть товар?", Body: rich.Of("В течение шестидесяти дней.")},
	})
	for _, question := range []string{"هل توجد خيام لأربعة أشخاص؟", "האם יש לכם אוהלים לארבעה?", "Есть ли у вас палатки на четверых?"} {
		if hits := x.Find(question, "", 1); len(hits) > 0 && hits[0].Confidence >= Possible {
			t.Errorf("%q is answered by %s with %.2f", question, hits[0].Article.ID, hits[0].Confidence)
		}
	}
}
