package browsertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Frame is a document in a tab: the page's own, or one in an iframe of any origin. It is looked up anew for
// every action, so it survives that the document is loaded again.
type Frame struct {
	page *Page
	url  string // a part of the frame's address; empty for the page's own document
}

// Within returns the frame in the tab whose address contains url.
func (p *Page) Within(url string) *Frame { return &Frame{page: p, url: url} }

// Eval evaluates a JavaScript expression, awaits it if it is a promise, and decodes its value into out, which
// may be nil. The expression sees the document and its storage, but not the page's own variables.
func (f *Frame) Eval(expression string, out any) {
	f.page.browser.t.Helper()
	f.page.must("evaluate "+expression, f.eval(expression, out))
}

// Wait waits until the expression is true.
func (f *Frame) Wait(expression string) {
	f.page.browser.t.Helper()
	var last error
	f.await(expression, func() bool {
		var holds bool
		last = f.eval("Boolean("+expression+")", &holds)
		return last == nil && holds
	}, &last)
}

// WaitVisible waits until an element that matches the CSS selector can be seen.
func (f *Frame) WaitVisible(selector string) {
	f.page.browser.t.Helper()
	f.Wait(fmt.Sprintf(`document.querySelector(%s)?.checkVisibility({visibilityProperty: true, opacityProperty: true})`, quote(selector)))
}

// WaitText waits until the visible text of the element that matches selector contains text.
func (f *Frame) WaitText(selector, text string) {
	f.page.browser.t.Helper()
	f.Wait(fmt.Sprintf(`document.querySelector(%s)?.innerText.includes(%s)`, quote(selector), quote(text)))
}

// Text returns the visible text of every element that matches selector, in document order.
func (f *Frame) Text(selector string) []string {
	f.page.browser.t.Helper()
	var texts []string
	f.Eval(fmt.Sprintf(`[...document.querySelectorAll(%s)].map((e) => e.innerText)`, quote(selector)), &texts)
	return texts
}

// Click waits until the element that matches selector can be seen and clicks its middle with the mouse.
func (f *Frame) Click(selector string) {
	f.page.browser.t.Helper()
	f.WaitVisible(selector)
	var at struct{ X, Y float64 }
	f.Eval(fmt.Sprintf(`(async () => {
		const element = document.querySelector(%s);
		element.scrollIntoView({ block: 'nearest', behavior: 'instant' });
		await `+settled+`;
		const box = element.getBoundingClientRect();
		return { X: box.x + box.width / 2, Y: box.y + box.height / 2 };
	})()`, quote(selector)), &at)
	origin := f.origin()
	x, y := origin.X+at.X, origin.Y+at.Y
	for _, kind := range []input.DispatchMouseEventType{chromedp.MouseMoved, chromedp.MousePressed, chromedp.MouseReleased} {
		params := input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1}
		f.page.must("click "+selector, call(f.page, input.DispatchMouseEvent, params))
	}
}

// Type clicks the element that matches selector and types text into it. "\n" in text is the Enter key.
func (f *Frame) Type(selector, text string) {
	f.page.browser.t.Helper()
	f.Click(selector)
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			f.page.Press("Enter", 13)
		}
		if line != "" {
			f.page.Commit(line)
		}
	}
}

// Press presses and releases a key in whatever has the focus. name is the DOM's KeyboardEvent.key and code
// its Windows virtual key code, such as "Escape" and 27.
func (p *Page) Press(name string, code int64) {
	p.browser.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		params := input.DispatchKeyEventParams{Type: kind, Key: name, Code: name, WindowsVirtualKeyCode: code}
		p.must("press "+name, call(p, input.DispatchKeyEvent, params))
	}
}

// Activate presses Enter on the element that has the focus, with the character that the key makes: it is by this
// character that buttons and links are pressed, which Press leaves out.
func (p *Page) Activate() {
	p.browser.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{
		input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeChar, input.DispatchKeyEventTypeKeyUp,
	} {
		params := input.DispatchKeyEventParams{Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13}
		if kind == input.DispatchKeyEventTypeChar {
			params.Text, params.UnmodifiedText = "\r", "\r"
		}
		p.must("press Enter", call(p, input.DispatchKeyEvent, params))
	}
}

// Compose puts text into the focused element as an input method does while its candidate is still open.
func (p *Page) Compose(text string) {
	p.browser.t.Helper()
	end := int64(len([]rune(text)))
	p.must("compose", call(p, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: end, SelectionEnd: end}))
}

// Commit puts text into the focused element, in place of what Compose has open.
func (p *Page) Commit(text string) {
	p.browser.t.Helper()
	p.must("commit", call(p, input.InsertText, input.InsertTextParams{Text: text}))
}

// Choose gives files on disk to the file input that matches selector.
func (f *Frame) Choose(selector string, paths ...string) {
	f.page.browser.t.Helper()
	result, err := f.evaluate(fmt.Sprintf(`document.querySelector(%s)`, quote(selector)), false)
	f.page.must("find "+selector, err)
	f.page.must("choose files", call(f.page, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: paths, ObjectID: result.ObjectID}))
}

// origin is where the frame's document starts in the tab's viewport.
func (f *Frame) origin() (at struct{ X, Y float64 }) {
	if f.url == "" {
		return at
	}
	f.page.browser.t.Helper()
	f.page.Eval(fmt.Sprintf(`(async () => {
		const frame = [...document.querySelectorAll('iframe')].find((f) => f.src.includes(%s));
		await `+settled+`;
		const box = frame.getBoundingClientRect();
		return { X: box.x + frame.clientLeft, Y: box.y + frame.clientTop };
	})()`, quote(f.url)), &at)
	return at
}

// Has reports whether an element matches selector now.
func (f *Frame) Has(selector string) bool {
	f.page.browser.t.Helper()
	var has bool
	f.Eval(fmt.Sprintf(`document.querySelector(%s) !== null`, quote(selector)), &has)
	return has
}

// Until waits until holds returns true; what names the condition in the failure.
func (p *Page) Until(what string, holds func() bool) {
	p.browser.t.Helper()
	var none error
	p.await(what, holds, &none)
}

func (f *Frame) await(what string, holds func() bool, last *error) {
	f.page.browser.t.Helper()
	deadline := time.Now().Add(Patience)
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Now().After(deadline) {
			f.page.browser.t.Fatalf("browser: waited %v in vain for %s (last error: %v; complaints: %q)", Patience, what, *last, f.page.Complaints())
		}
		<-tick.C
	}
}

func (f *Frame) eval(expression string, out any) error {
	result, err := f.evaluate(expression, true)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(result.Value, out)
}

func (f *Frame) evaluate(expression string, byValue bool) (*runtime.RemoteObject, error) {
	tree, err := chromedp.Call(f.page.ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return nil, err
	}
	id, ok := f.find(tree.FrameTree)
	if !ok {
		return nil, fmt.Errorf("no frame with %q in its address", f.url)
	}
	world, err := chromedp.Call(f.page.ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: id, WorldName: "browsertest"})
	if err != nil {
		return nil, err
	}
	yes := true
	answer, err := chromedp.Call(f.page.ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, ContextID: world.ExecutionContextID, ReturnByValue: &byValue, AwaitPromise: &yes,
	})
	if err != nil {
		return nil, err
	}
	if answer.ExceptionDetails != nil {
		return nil, errors.New(describe(answer.ExceptionDetails))
	}
	return answer.Result, nil
}

func (f *Frame) find(tree *page.FrameTree) (cdp.FrameID, bool) {
	if f.url == "" || strings.Contains(tree.Frame.URL, f.url) {
		return tree.Frame.ID, true
	}
	for _, child := range tree.ChildFrames {
		if id, ok := f.find(child); ok {
			return id, true
		}
	}
	return "", false
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(b)
}
