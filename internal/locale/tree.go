package locale

import (
	"encoding/json"
	"html/template"
	"slices"
	"strings"
	"text/template/parse"

	"roster"
)

// Functions are what a template calls to say texts. The calls of say and of text are added to
// it by Parse: what a page prints is said in its language, and a constant that is handed to
// another part of it is a message.
func (l *Language) Functions() template.FuncMap {
	return template.FuncMap{
		"say": func(v any) any {
			if t, ok := v.(roster.Text); ok {
				return l.Say(t)
			}
			return v
		},
		"text": func(message string) roster.Text { return roster.Text(message) },
		// count 3 "1 person in {gap}" "%s people in {gap}" "gap" (name "Berlin")
		"count": func(n int, one, many string, gaps ...any) roster.Text {
			return roster.Counted(n, roster.Text(one), roster.Text(many)).With(gaps...)
		},
		"number": l.Number,
		"pieces": l.Pieces,
		"plural": func(one, many roster.Text) (string, error) {
			forms, err := json.Marshal(l.Plural(one, many))
			return string(forms), err
		},
	}
}

// Parse adds the templates of a file to a set, in the language.
func (l *Language) Parse(set *template.Template, name, source string) error {
	source, err := Translate(source, l.Message)
	if err != nil {
		return err
	}
	trees, err := Trees(name, source)
	if err != nil {
		return err
	}
	for name, tree := range trees {
		w := walker{wrap: true}
		w.node(tree.Root)
		if _, err := set.AddParseTree(name, tree); err != nil {
			return err
		}
	}
	return nil
}

// Trees parses the templates of a source.
func Trees(name, source string) (map[string]*parse.Tree, error) {
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	_, err := tree.Parse(source, "", "", trees)
	return trees, err
}

// Constants reports every message that is a constant in the actions of a template; one is ""
// where it does not count, and loose is what may be a message and is none.
func Constants(tree *parse.Tree, found func(one, message string), loose func(text string)) {
	w := walker{found: found, loose: loose}
	w.node(tree.Root)
}

// technical are the arguments of shared parts that nobody reads.
var technical = []string{"Key", "Name", "Tab", "Type", "Autocomplete", "Class", "Path", "Help", "Field", "Value",
	"Attrs", "Current", "Id"}

// unread are functions whose constants nobody reads.
var unread = []string{"link", "asset", "printf", "eq", "ne", "index", "template"}

type walker struct {
	wrap  bool
	found func(one, message string)
	loose func(text string)
}

func (w walker) node(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, in := range n.Nodes {
			w.node(in)
		}
	case *parse.ActionNode:
		w.pipe(n.Pipe)
		if w.wrap && len(n.Pipe.Decl) == 0 {
			n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos,
				Args: []parse.Node{parse.NewIdentifier("say").SetPos(n.Pos)}})
		}
	case *parse.IfNode:
		w.branch(&n.BranchNode)
	case *parse.RangeNode:
		w.branch(&n.BranchNode)
	case *parse.WithNode:
		w.branch(&n.BranchNode)
	case *parse.TemplateNode:
		w.pipe(n.Pipe)
	}
}

func (w walker) branch(n *parse.BranchNode) {
	w.pipe(n.Pipe)
	w.node(n.List)
	w.node(n.ElseList)
}

func (w walker) pipe(p *parse.PipeNode) {
	if p == nil {
		return
	}
	for _, c := range p.Cmds {
		w.command(c)
	}
}

func (w walker) command(c *parse.CommandNode) {
	name := ""
	if id, ok := c.Args[0].(*parse.IdentifierNode); ok {
		name = id.Ident
	}
	switch s, ok := c.Args[min(1, len(c.Args)-1)].(*parse.StringNode); {
	case name == "count":
		w.counts(c)
		return
	case name == "text" && ok && w.found != nil:
		w.found("", s.Text)
		return
	}
	for i, a := range c.Args {
		switch a := a.(type) {
		case *parse.PipeNode:
			w.pipe(a)
		case *parse.StringNode:
			if w.reads(name, c.Args, i) {
				c.Args[i] = w.message(a)
			}
		}
	}
}

// reads reports whether people read the constant that is argument i of a call.
func (w walker) reads(name string, args []parse.Node, i int) bool {
	text := args[i].(*parse.StringNode).Text
	switch {
	case name == "or":
		return strings.ContainsAny(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	case name != "args":
		if !slices.Contains(unread, name) && strings.ContainsAny(text, " ") && w.loose != nil {
			w.loose(text)
		}
		return false
	case i%2 == 1: // the names of the arguments
		return false
	}
	key, _ := args[i-1].(*parse.StringNode)
	return key != nil && !slices.Contains(technical, key.Text) && hasLetters(text)
}

// message makes a constant a text that is said where it is printed.
func (w walker) message(s *parse.StringNode) parse.Node {
	if w.found != nil {
		w.found("", s.Text)
	}
	if !w.wrap {
		return s
	}
	made := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: s.Pos,
		Args: []parse.Node{parse.NewIdentifier("text").SetPos(s.Pos), s}}
	return &parse.PipeNode{NodeType: parse.NodePipe, Pos: s.Pos, Cmds: []*parse.CommandNode{made}}
}

// counts is a call of count.
func (w walker) counts(c *parse.CommandNode) {
	if w.found == nil || len(c.Args) < 4 {
		return
	}
	one, ok := c.Args[2].(*parse.StringNode)
	many, also := c.Args[3].(*parse.StringNode)
	if ok && also {
		w.found(one.Text, many.Text)
	}
}
