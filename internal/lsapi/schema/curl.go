package schema

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Curl is the operation as one types it: the example's request, or the path.
func (op *Operation) Curl() string {
	target := op.Path
	if op.Example != nil {
		target = op.Example.Request
	}
	parts := []string{"curl"}
	if op.Method != http.MethodGet {
		parts[0] += " -X " + op.Method
	}
	parts[0] += ` "$ROSTER` + shellQuoted(target) + `"`
	if !op.Open {
		parts = append(parts, `-H "Authorization: Token $TOKEN"`)
	}
	if op.Example != nil && op.Example.Body != nil {
		body, _ := json.Marshal(op.Example.Body) // it was decoded from JSON
		parts = append(parts, `-H "Content-Type: application/json"`, "-d '"+strings.ReplaceAll(string(body), "'", `'\''`)+"'")
	}
	return strings.Join(parts, " \\\n  ")
}

// shellQuoted keeps a shell from reading anything in a text between double quotes.
func shellQuoted(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(text)
}
