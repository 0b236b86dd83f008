package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// heard is one thing in Chromium's accessibility tree, as a screen reader has it.
type heard struct {
	role, name string
	states     string // what is true of it, such as checked
	focused    bool
}

func (h heard) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s “%s” %s", h.role, h.name, h.states))
}

// listener goes through pages by the keyboard, and knows nothing of them but the tree.
type listener struct {
	*site
	path []string // what was pressed and heard
}

// tree is everything in the accessibility tree that has a role and a name.
func (l *listener) tree() (out []heard) {
	l.T.Helper()
	answer, err := chromedp.Call(l.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		l.T.Fatal(err)
	}
	nodes := map[accessibility.NodeID]*accessibility.Node{}
	for _, n := range answer.Nodes {
		nodes[n.NodeID] = n
	}
	for _, n := range answer.Nodes {
		if n.Ignored {
			continue
		}
		h := heard{role: said(n.Role), name: said(n.Name)}
		if h.name == "" && h.role == "status" { // what is said is what is in it
			h.name = strings.Join(strings.Fields(within(nodes, n)), " ")
		}
		for _, p := range n.Properties {
			switch value := said(p.Value); {
			case p.Name == accessibility.PropertyNameFocused:
				h.focused = value == "true"
			case p.Name == "checked" && value != "false", p.Name == "invalid" && value == "true":
				h.states += string(p.Name) + " "
			}
		}
		out = append(out, h)
	}
	return out
}

// within is the text in a node.
func within(nodes map[accessibility.NodeID]*accessibility.Node, n *accessibility.Node) (text string) {
	if said(n.Role) == "StaticText" {
		return said(n.Name)
	}
	for _, id := range n.ChildIDs {
		if child := nodes[id]; child != nil {
			text += " " + within(nodes, child)
		}
	}
	return text
}

func said(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var text any
	json.Unmarshal(v.Value, &text)
	return strings.TrimSpace(fmt.Sprint(text))
}

// here is what has the focus: the innermost, where a page has it too.
func (l *listener) here() (at heard) {
	l.T.Helper()
	for _, h := range l.tree() {
		if h.focused {
			at = h
		}
	}
	return at
}

// press presses keys.
func (l *listener) press(name string, keys ...string) {
	l.T.Helper()
	for _, k := range keys {
		l.do(chromedp.KeyEvent(k))
	}
	l.path = append(l.path, "Press "+name+".")
}

// slash presses / as a keyboard does: what is done at its press keeps it out of the field.
func (l *listener) slash() {
	l.T.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		key := input.DispatchKeyEventParams{Type: kind, Key: "/", Code: "Slash"}
		if kind == input.DispatchKeyEventTypeKeyDown {
			key.Text = "/"
		}
		if _, err := chromedp.Call(l.ctx, input.DispatchKeyEvent, key); err != nil {
			l.T.Fatal(err)
		}
	}
	l.path = append(l.path, "Press /.")
}

// hears waits until something in the tree has a role, and a name that holds a text.
func (l *listener) hears(role, text string) {
	l.T.Helper()
	l.await(role, text, func() bool {
		return slices.ContainsFunc(l.tree(), func(h heard) bool { return h.role == role && strings.Contains(h.name, text) })
	})
	l.path = append(l.path, fmt.Sprintf("Heard: %s “%s”.", role, text))
}

// rows is the boxes of the list, which its rows begin with.
func (l *listener) rows() (names []string) {
	l.T.Helper()
	for _, h := range l.tree() {
		if h.role == "checkbox" && h.name != "Select everybody on this page" && strings.HasPrefix(h.name, "Select ") {
			names = append(names, h.name)
		}
	}
	return names
}

// lands waits until the focus is on it.
func (l *listener) lands(role, text string) {
	l.T.Helper()
	l.await(role, text, func() bool { h := l.here(); return h.role == role && strings.Contains(h.name, text) })
	l.path = append(l.path, "Heard: "+l.here().String()+".")
}

func (l *listener) await(role, text string, is func() bool) {
	l.T.Helper()
	for by := time.Now().Add(15 * time.Second); !is(); {
		if time.Now().After(by) {
			l.T.Fatalf("no %s %q, at %s, after\n%s", role, text, l.here(), strings.Join(l.path, "\n"))
		}
		l.do(chromedp.Sleep(50 * time.Millisecond))
	}
}

// tab goes on by Tab until it hears what it wants, past no more than it would bear.
func (l *listener) tab(role, text string) {
	l.T.Helper()
	l.step("Tab", chromedp.KeyEvent(kb.Tab), role, text)
}

// tabBack is tab by Shift and Tab, which in a dialog begins at its end.
func (l *listener) tabBack(role, text string) {
	l.T.Helper()
	l.step("Shift+Tab", chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift)), role, text)
}

func (l *listener) step(name string, key chromedp.Action[chromedp.Void], role, text string) {
	l.T.Helper()
	for n := 1; n <= 10; n++ {
		l.do(key)
		if h := l.here(); h.role == role && strings.Contains(h.name, text) {
			l.path = append(l.path, fmt.Sprintf("Press %s, %d times. Heard: %s.", name, n, h))
			return
		}
	}
	l.T.Fatalf("no %s %q within 10 steps, at %s, after\n%s", role, text, l.here(), strings.Join(l.path, "\n"))
}

// TestTheHeadlineJobByEar: search, select all, except two, preview, unassign and undo, by the
// keyboard and the names and roles of the accessibility tree alone. internal/web/README.md has the
// path as it was heard.
func TestTheHeadlineJobByEar(t *testing.T) {
	s := open(t)
	project, _, duda, barbier := s.offboarding(30)
	before := s.Explicit(project)
	s.signIn(s.Owner, s.members(project, "role=AN"))
	l := &listener{site: s}
	l.hears("heading", "Street signs")

	l.slash()
	l.lands("searchbox", "Search name or e-mail")
	l.press("Escape, j and x", kb.Escape, "j", "x")
	l.hears("status", "One person is selected.")
	l.press("b", "b")
	l.lands("link", "Select all 33 direct members who match")
	l.press("Enter", kb.Enter)
	l.hears("status", "All 33 direct members who match are selected.")

	for n, name := range []string{"Jean Barbier", "Ewa Duda"} {
		l.slash()
		l.press(name, name)
		l.await("the only row", name, func() bool { return slices.Equal(l.rows(), []string{"Select " + name}) })
		l.hears("status", "One person All 33 direct members who match are selected")
		l.press("Escape, j and x", kb.Escape, "j", "x")
		l.hears("status", fmt.Sprintf("are selected, except %d.", n+1))
	}

	l.press("b", "b")
	l.tab("button", "Unassign…")
	l.press("Enter", kb.Enter)
	l.lands("heading", "Take 31 people off the project")
	l.hears("dialog", "Take 31 people off the project")
	l.hears("StaticText", "2 stay:")
	l.tabBack("textbox", "Type its name to confirm")
	l.press("the name of the project", "Street signs")
	l.tab("button", "Unassign 31 people")
	l.press("Enter", kb.Enter)
	l.lands("status", "31 people were taken off the project.")
	left := []int64{duda, barbier}
	slices.Sort(left)
	if got := s.Explicit(project); !slices.Equal(got, left) {
		t.Fatalf("members %v, want %v", got, left)
	}
	l.tab("button", "Undo")
	l.press("Enter", kb.Enter)
	l.lands("status", "Undone: 31 people are as they were before.")
	if got := s.Explicit(project); !slices.Equal(got, before) {
		t.Fatalf("members %v, want %v", got, before)
	}
	if dir := os.Getenv("ROSTER_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "heard.txt"), []byte(strings.Join(l.path, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
