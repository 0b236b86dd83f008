package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v4"
)

// settings are flags that the environment and a configuration file may give as well:
// the command line counts before the environment, and that before the file. They are the
// flags of serve, and those that say which store or server a command works on. What one
// command is to do is asked on its command line alone, so that nothing that lies about in
// a shell makes it do more.
type settings struct {
	env   func(string) string
	flags map[string]*kong.Flag // by name; those with a tag "secret" may come from files
	own   map[*kong.Flag]bool   // those of serve, and of the commands that show and try them
	file  map[string]setting
}

// setting is a value, and what says it: a variable, a line of the file, or "" for nothing.
type setting struct{ value, by string }

// together are the settings that are read beside each other, where they are used: one of
// them on the command line silences what the environment says of the others.
var together = []string{"data", "db", "db-direct", "secret-key-file", "server", "token"}

// declare finds the settings among the flags of the whole command line.
func (s *settings) declare(k *kong.Kong) {
	s.flags, s.own = map[string]*kong.Flag{}, map[*kong.Flag]bool{}
	for _, command := range k.Model.Leaves(true) {
		for _, flag := range command.Flags {
			if command.Name == "serve" || command.Parent.Name == "config" {
				s.own[flag] = true
			}
			if command.Name == "serve" || slices.Contains(together, flag.Name) {
				s.flags[flag.Name] = flag
			}
		}
	}
	delete(s.flags, "help")
}

// variable is the environment's name for a setting.
func variable(name string) string {
	return "ROSTER_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// help is a flag's help, with the variables that give its value.
func (s *settings) help(value *kong.Value) string {
	text := kong.DefaultHelpValueFormatter(value)
	if value.Flag == nil || s.flags[value.Flag.Name] == nil {
		return text
	}
	name := variable(value.Flag.Name)
	if s.isSecret(value.Flag.Name) {
		name += ", or $" + name + "_FILE"
	}
	return strings.TrimSuffix(text, ".") + " ($" + name + ")."
}

// isSecret reports whether a setting may be given by a file that holds it.
func (s *settings) isSecret(name string) bool {
	flag, ok := s.flags[name]
	return ok && flag.Tag.Has("secret")
}

// Validate is part of kong.Resolver.
func (s *settings) Validate(*kong.Application) error { return nil }

// Resolve gives a flag that the command line leaves out what the environment or the file
// says. Part of kong.Resolver.
func (s *settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if s.flags[flag.Name] == nil || !s.own[flag] || slices.Contains(together, flag.Name) {
		return nil, nil
	}
	found, err := s.lookUp(flag.Name)
	if err != nil || found.by == "" {
		return nil, err
	}
	return found.value, found.fits(flag)
}

// fits refuses a value that the flag would, by the name of what says it.
func (s setting) fits(flag *kong.Flag) error {
	if flag.Enum != "" && !flag.EnumMap()[s.value] {
		return fmt.Errorf("%s is %q, not one of %s", s.by, s.value, strings.Join(flag.EnumSlice(), ", "))
	}
	into := reflect.New(flag.Target.Type()).Elem()
	err := flag.Parse(kong.Scan().PushTyped(s.value, kong.FlagValueToken), into)
	if err != nil {
		return fmt.Errorf("%s: %s", s.by, strings.TrimPrefix(err.Error(), "--"+flag.Name+": "))
	}
	return nil
}

// sources are the ways to look a setting up; the first that says something counts.
func (s *settings) sources() []func(name string) (setting, error) {
	return []func(string) (setting, error){s.inEnvironment, s.inFile}
}

// lookUp is what the first source says of a setting that says something.
func (s *settings) lookUp(name string) (found setting, err error) {
	for _, look := range s.sources() {
		if found, err = look(name); err != nil || found.by != "" {
			break
		}
	}
	return found, err
}

func (s *settings) inEnvironment(name string) (setting, error) {
	plain, filed := variable(name), variable(name)+"_FILE"
	said := setting{s.env(plain), plain}
	if said.value == "" {
		said.by = ""
	}
	if !s.isSecret(name) || s.env(filed) == "" {
		return said, nil
	}
	return s.secretOf(said, setting{s.env(filed), filed})
}

func (s *settings) inFile(name string) (setting, error) {
	said := s.file[name]
	filed, ok := s.file[name+"-file"]
	if !s.isSecret(name) || !ok {
		return said, nil
	}
	return s.secretOf(said, filed)
}

// secretOf is the secret that is in a file, unless it was said plainly as well.
func (s *settings) secretOf(said, file setting) (setting, error) {
	if said.by != "" {
		return setting{}, misuse("%s and %s both give the same secret; leave one out", said.by, file.by)
	}
	text, err := os.ReadFile(file.value)
	if err != nil {
		return setting{}, misuse("%s: %w", file.by, err)
	}
	value := strings.TrimSpace(string(text))
	if value == "" {
		return setting{}, misuse("%s: %s is empty", file.by, file.value)
	}
	return setting{value, file.by}, nil
}

// load reads a configuration file: a YAML mapping of names of settings to their values.
func (s *settings) load(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return misuse("--config: %w", err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return misuse("--config: %s: %w", name, err)
	}
	s.file = map[string]setting{}
	if len(document.Content) == 0 {
		return nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return misuse("--config: %s is not a list of settings such as \"log-level: debug\"", name)
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if err := s.take(name, root.Content[i], root.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// take keeps one line of a configuration file.
func (s *settings) take(file string, key, value *yaml.Node) error {
	by := fmt.Sprintf("%s:%d: %s", file, key.Line, key.Value)
	switch {
	case !s.knows(key.Value):
		return misuse("%s is not a setting%s", by, s.nearest(key.Value))
	case s.file[key.Value].by != "":
		return misuse("%s is said twice", by)
	}
	text, err := scalars(value)
	if err != nil {
		return misuse("%s %w", by, err)
	}
	s.file[key.Value] = setting{text, by}
	return nil
}

// scalars is a value, or several with commas between them.
func scalars(value *yaml.Node) (string, error) {
	switch {
	case value.Kind == yaml.ScalarNode && value.Tag != "!!null":
		return value.Value, nil
	case value.Kind != yaml.SequenceNode:
		return "", errors.New("has no value: give one, or a list of them")
	}
	var all []string
	for _, one := range value.Content {
		if one.Kind != yaml.ScalarNode || one.Tag == "!!null" {
			return "", errors.New("is not a list of plain values")
		}
		all = append(all, one.Value)
	}
	return strings.Join(all, ","), nil
}

// knows reports whether a configuration file may have a key.
func (s *settings) knows(key string) bool {
	of, filed := strings.CutSuffix(key, "-file")
	return key != "config" && s.flags[key] != nil || filed && s.isSecret(of)
}

// nearest is a hint at the setting that somebody may have meant.
func (s *settings) nearest(key string) string {
	plain := strings.ReplaceAll(strings.ToLower(key), "_", "-")
	plain = strings.TrimPrefix(plain, "roster-")
	if plain != key && s.knows(plain) {
		return fmt.Sprintf("; did you mean %s?", plain)
	}
	for _, name := range slices.Sorted(maps.Keys(s.flags)) {
		if len(plain) > 3 && name != "config" && strings.HasPrefix(name, plain[:4]) {
			return fmt.Sprintf("; did you mean %s?", name)
		}
	}
	return "; \"roster config\" lists them"
}

// configFlag names the configuration file.
type configFlag struct {
	Config string `placeholder:"FILE" help:"Read settings from this YAML file: names of flags and their values ($$ROSTER_CONFIG)."`
}

// BeforeResolve reads the file before anything is looked up in it.
func (configFlag) BeforeResolve(k *kong.Context, s *settings) error {
	name := s.env("ROSTER_CONFIG")
	for _, flag := range k.Flags() {
		if flag.Name == "config" {
			said, _ := k.FlagValue(flag).(string)
			name = cmp.Or(said, name)
		}
	}
	if name == "" {
		return nil
	}
	return s.load(name)
}
