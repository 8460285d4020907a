package browsertest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Page is one tab. Its embedded Frame is the page's own document.
type Page struct {
	*Frame
	browser *Browser
	ctx     context.Context

	mu         sync.Mutex
	requests   []string
	complaints []string
}

// Option changes how a tab looks to its page before the page is loaded.
type Option func(*Page)

// Size gives the tab a viewport of width and height CSS pixels; mobile makes it a telephone with a touch screen.
func Size(width, height int, mobile bool) Option {
	return func(p *Page) {
		p.must("resize", call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: int64(width), Height: int64(height), DeviceScaleFactor: 2, Mobile: mobile,
		}))
		p.must("set touch", call(p, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: mobile}))
	}
}

// Media sets a media feature, such as "prefers-color-scheme" to "dark".
func Media(name, value string) Option {
	return func(p *Page) {
		p.must("set a media feature", call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: name, Value: value}},
		}))
	}
}

// Script runs JavaScript in every document of the tab, frames included, before the document's own scripts.
func Script(source string) Option {
	return func(p *Page) {
		p.must("add a script", call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source}))
	}
}

// Open opens url in a new tab and returns when it has loaded.
func (b *Browser) Open(url string, options ...Option) *Page {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	p := &Page{browser: b, ctx: ctx}
	p.Frame = &Frame{page: p}
	p.must("open a tab", chromedp.Do(ctx))
	p.must("listen to the tab", chromedp.Listen(ctx, p.hear))
	p.must("watch the network", call(p, network.Enable, network.EnableParams{}))
	p.must("watch the log", call(p, log.Enable, cdp.Empty{}))
	for _, o := range options {
		o(p)
	}
	p.Navigate(url)
	return p
}

// Navigate loads url in the tab.
func (p *Page) Navigate(url string) {
	p.browser.t.Helper()
	p.must("navigate", chromedp.Do(p.ctx, chromedp.Navigate(url)))
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.browser.t.Helper()
	p.must("reload", chromedp.Do(p.ctx, chromedp.Reload()))
}

// Close closes the tab.
func (p *Page) Close() {
	p.browser.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	p.must("close the tab", chromedp.Cancel(ctx))
}

// Offline takes the network away from the tab and its frames, or gives it back.
func (p *Page) Offline(offline bool) {
	p.browser.t.Helper()
	conditions := []*network.Conditions{}
	if offline {
		conditions = append(conditions, &network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
	}
	p.must("change the network", call(p, network.EmulateNetworkConditionsByRule,
		network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: conditions}))
	p.must("tell the page about the network", call(p, network.OverrideNetworkState,
		network.OverrideNetworkStateParams{Offline: offline, DownloadThroughput: -1, UploadThroughput: -1}))
}

// Settle waits until nothing of the document is moving.
func (f *Frame) Settle() {
	f.page.browser.t.Helper()
	f.Eval(settled, nil)
}

const settled = `Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {}))).then(() => true)`

// Screenshot writes what the tab shows to path as PNG, once nothing of its document is moving.
func (p *Page) Screenshot(path string) {
	p.browser.t.Helper()
	p.Settle()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	p.must("take a picture", err)
	png, err = reduced(png)
	p.must("reduce the picture", err)
	p.must("make the picture's folder", os.MkdirAll(filepath.Dir(path), 0o755))
	p.must("keep the picture", os.WriteFile(path, png, 0o644))
}

// Requests returns the addresses the tab and its frames have asked for, in order.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// Complaints returns the errors of the tab's console: exceptions nobody caught, and what the browser itself
// refused, such as violations of a Content-Security-Policy.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.complaints)
}

func (p *Page) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			p.complaints = append(p.complaints, e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		p.complaints = append(p.complaints, describe(e.ExceptionDetails))
	}
}

func (p *Page) must(what string, err error) {
	p.browser.t.Helper()
	if err != nil {
		p.browser.t.Fatalf("browser: %s: %v", what, err)
	}
}

func call[P, R any](p *Page, command cdp.Command[P, R], params P) error {
	_, err := chromedp.Call(p.ctx, command, params)
	return err
}

func describe(e *runtime.ExceptionDetails) string {
	if e.Exception != nil && e.Exception.Description != "" {
		return e.Exception.Description
	}
	return e.Text
}
