package gate

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	pixels "image"
	"image/color"
	"image/png"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// picture is a PNG of its own size.
func picture(t *testing.T) string {
	t.Helper()
	m := pixels.NewRGBA(pixels.Rect(0, 0, 70, 50))
	m.Set(1, 1, color.Black)
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// tone is two seconds of a WAV.
func tone() string {
	const rate, seconds = 8000, 2
	var out bytes.Buffer
	out.WriteString("RIFF")
	binary.Write(&out, binary.LittleEndian, uint32(36+rate*seconds))
	out.WriteString("WAVEfmt ")
	binary.Write(&out, binary.LittleEndian, struct {
		Size               uint32
		Kind, Channels     uint16
		Rate, PerSecond    uint32
		Align, BitsPerSome uint16
	}{16, 1, 1, rate, rate, 1, 8})
	out.WriteString("data")
	binary.Write(&out, binary.LittleEndian, uint32(rate*seconds))
	out.WriteString(strings.Repeat("\x80\xa0\xb0\xa0\x80\x60\x50\x60", rate*seconds/8))
	return out.String()
}

// leaf is a PDF of one empty page.
const leaf = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj
trailer<</Root 1 0 R>>
`

// everything is a labeling page with each kind of file.
const everything = `<View><Image name="image" value="$png"/><Image name="drawing" value="$svg"/>
<Audio name="audio" value="$wav" decoder="ffmpeg"/><Video name="video" value="$webm"/>
<Pdf name="pdf" value="$pdf"/><HyperText name="html" value="$html" valueType="url"/><Text name="note" value="$txt" valueType="url"/>
<Choices name="kind" toName="image"><Choice value="Good"/></Choices></View>`

// TestMediaShows: pictures, drawings, sound, films, PDF and texts from a storage show in
// the labeling page of somebody who labels, and play from anywhere in them.
func TestMediaShows(t *testing.T) {
	g := need(t)
	film, err := os.ReadFile("testdata/colours.webm")
	if err != nil {
		t.Fatal(err)
	}
	s, b := g.newScene(t, "mia", "ann"), newBucket(t)
	b.objects = map[string][2]string{
		"bird.png": {"image/png", picture(t)}, "bird.svg": objects["image.svg"], "bird.wav": {"audio/wav", tone()},
		"bird.webm": {"video/webm", string(film)},
		"bird.pdf":  {"application/pdf", leaf}, "bird.html": {"text/html", "<h1>Of birds</h1>"},
		"bird.txt": {"text/plain", "A note"},
	}
	mia, data := g.who(t, "mia"), map[string]any{}
	s.mount(b, "proxied", false)
	for name := range b.objects {
		data[name[len("bird."):]] = "s3://proxied/" + name
	}
	mia.must(t, "PATCH", s.path("/api/projects/%d/"), map[string]any{"label_config": everything}, nil)
	task := struct{ ID int64 }{}
	mia.must(t, "POST", "/api/tasks/", map[string]any{"project": s.project, "data": data}, &task)
	ann := g.look(t)
	ann.signIn("ann")
	ann.do(chromedp.Navigate(g.url + s.path("/projects/%d/data") + fmt.Sprintf("?task=%d", task.ID)))
	ann.says("A note")
	ann.until("(f => f && f.contentDocument.body.innerText === 'Of birds')(document.querySelector('iframe[srcdoc]'))")
	ann.until("[70, 9].every(width => [...document.images].some(i => i.naturalWidth === width))")
	ann.until("[...document.querySelectorAll('input')].some(i => i.value === '00:00:02:000')") // decoded
	for _, tag := range []string{"audio", "video"} {
		ann.until("(e => e && e.readyState > 0)(document.querySelector(" + quoted(tag) + "))")
		ann.run("const e = document.querySelector(" + quoted(tag) +
			"); await new Promise(done => { e.onseeked = done; e.currentTime = 1.5 })")
	}
	ann.viewing(resolved(task.ID, "s3://proxied/bird.pdf"))
}

// viewing waits until the browser's own viewer has a PDF.
func (b *tab) viewing(path string) {
	b.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for tick := time.Tick(50 * time.Millisecond); ; <-tick {
		frames, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (target.GetTargetsResult, error) {
			return cdp.Call(ctx, t, target.GetTargets, target.GetTargetsParams{})
		})
		viewers := 0
		for _, frame := range frames.TargetInfos {
			if frame.URL == b.g.url+path || strings.HasPrefix(frame.URL, "chrome-extension://") && frame.Type == "iframe" {
				viewers++
			}
		}
		if viewers == 2 { // the viewer, and the document in it
			return
		}
		if time.Now().After(deadline) {
			b.fatal(fmt.Errorf("no viewer of %s: %v %v", path, frames.TargetInfos, err))
		}
	}
}
