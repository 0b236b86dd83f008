package lsapi

import (
	"cmp"
	"maps"
	"net/http"
	"strings"

	"roster/internal/lsapi/schema"
)

func schemaRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/schema", open: true, do: does((*call).schema),
			summary: "Read this document", answer: "OpenAPI 3.1.",
			others: []answer{
				{status: 200, media: "application/yaml", text: "The same as YAML."},
				{status: 400, text: "There is no such format."},
			},
		},
	}
}

type schemaRequest struct {
	Format string `query:"format" codes:"json yaml" doc:"How it is written; without it, as Accept says, and JSON if that says nothing."`
}

// schema is GET /api/schema: the document of document.go.
func (c *call) schema(in schemaRequest) (out streamed[map[string]any], err error) {
	document := maps.Clone(c.api.Document().OpenAPI)
	document["servers"] = []any{map[string]any{"url": cmp.Or(c.app.Root(), "/")}}
	accepted := ""
	if strings.Contains(c.r.Header.Get("Accept"), "yaml") {
		accepted = "yaml"
	}
	c.w.Header().Set("Vary", "Accept")
	if cmp.Or(in.Format, accepted) != "yaml" {
		writeJSON(c.w, http.StatusOK, document)
		return out, nil
	}
	c.w.Header().Set("Content-Type", "application/yaml")
	c.w.Write(schema.YAML(document)) // a client that hung up cannot be told about it
	return out, nil
}
