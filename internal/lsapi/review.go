package lsapi

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"roster"
)

func reviewRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/projects/{id}/review-routing-rules", do: does((*call).listReviewRules),
			summary: "List which tasks go to review",
			answer:  "The rules in their order. Roster keeps them, and reviews nothing.",
		},
		{
			method: "POST", path: "/api/projects/{id}/review-routing-rules/bulk", do: does((*call).setReviewRules),
			summary: "Replace which tasks go to review",
			answer:  "The rules as they are now. Roster keeps them, and reviews nothing.",
		},
	}
}

// maxReviewRules bounds the rules of a project.
const maxReviewRules = 1000

// reviewRuleJSON is the wire's ReviewRoutingRule. There are no dimensions to compare.
type reviewRuleJSON struct {
	ID         int64   `json:"id"`
	Order      int     `json:"order"`
	Operator   *string `json:"operator"`
	Threshold  *string `json:"agreement_threshold"`
	Dimension  *int64  `json:"dimension"`
	SampleRate string  `json:"sample_rate"`
	CreatedAt  stamp   `json:"created_at"`
	UpdatedAt  stamp   `json:"updated_at"`
}

func reviewRulesOf(rules []roster.ReviewRule) []reviewRuleJSON {
	out := make([]reviewRuleJSON, len(rules))
	for i, r := range rules {
		out[i] = reviewRuleJSON{
			ID: r.ID, Order: i, Operator: orNothing(r.Operator), SampleRate: r.Rate.String(), CreatedAt: stamp(r.CreatedAt),
			UpdatedAt: stamp(r.UpdatedAt),
		}
		if r.Operator != "" {
			out[i].Threshold = orNothing(r.Threshold.String())
		}
	}
	return out
}

func (c *call) listReviewRules(in inProject) ([]reviewRuleJSON, error) {
	rules, err := c.app.ReviewRules(c.r.Context(), in.Project)
	return reviewRulesOf(rules), err
}

type setReviewRulesRequest struct {
	inProject
	Rules reviewRules
}

// setReviewRules is POST …/review-routing-rules/bulk/ (contract 3.17).
func (c *call) setReviewRules(in setReviewRulesRequest) ([]reviewRuleJSON, error) {
	rules, err := c.app.SetReviewRules(c.r.Context(), in.Project, in.Rules)
	return reviewRulesOf(rules), err
}

// reviewRules are all rules of a project, in order.
type reviewRules []roster.ReviewRule

func (rules *reviewRules) read(r *request, _ field) {
	b := r.body()
	*rules = reviewRules{}
	if b.require("rules") {
		for item := range b.objects("rules") {
			*rules = append(*rules, item.reviewRule())
			b.adopt("rules", item)
		}
	}
	if len(*rules) > maxReviewRules {
		b.bad("rules", fmt.Sprintf("A project has at most %d rules. Nothing was changed.", maxReviewRules))
	}
}

func (rules *reviewRules) fields(field) []field {
	return []field{{
		in: "body", name: "rules", typ: reflect.TypeFor[[]map[string]any](), required: true,
		text: "All rules, in order: id of one that there is (without it a new one), operator (lt, lte, gt, " +
			"gte, eq or null), agreement_threshold with an operator, sample_rate, dimension null. Those that " +
			"are left out are gone.",
	}}
}

// reviewRule reads one rule. What is absent is null, as SDKs leave it out.
func (b *body) reviewRule() roster.ReviewRule {
	r := roster.ReviewRule{ID: b.id("id"), Operator: code(b, "operator", func(v string) bool {
		return slices.Contains([]string{"lt", "lte", "gt", "gte", "eq"}, v)
	})}
	if b.has("dimension") && !b.null("dimension") {
		b.bad("dimension", "There are no dimensions of agreement. Leave it out, or send null.")
	}
	if b.require("sample_rate") {
		r.Rate = b.share("sample_rate")
	}
	given := b.has("agreement_threshold") && !b.null("agreement_threshold")
	switch {
	case given:
		r.Threshold = b.share("agreement_threshold")
		if r.Operator == "" && len(b.errs["operator"]) == 0 {
			b.bad("agreement_threshold", "Without an operator there is nothing to compare it by. Leave it out, or send null.")
		}
	case r.Operator != "":
		b.bad("agreement_threshold", "This field is required with an operator.")
	}
	return r
}

// share is a number from 0 to 1, or its text.
func (b *body) share(name string) roster.Share {
	s, ok := roster.ParseShare(strings.TrimSpace(strings.Trim(string(b.fields[name]), `"`)))
	if !ok {
		b.bad(name, "Must be from 0 to 1, with at most four digits after the point.")
	}
	return s
}
