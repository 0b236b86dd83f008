package membership

import (
	"context"
	"encoding/json"
	"slices"

	"roster"
	"roster/internal/core"
)

// reviewRulesSetting is where a project's settings have its rules of review. A copy
// of the project has them with its other settings.
const reviewRulesSetting = "review_routing_rules"

// reviewRules is what stands there. Last is the newest id that a rule of the project
// ever had, so that none names two.
type reviewRules struct {
	Last  int64               `json:"last"`
	Rules []roster.ReviewRule `json:"rules"`
}

func reviewRulesOf(p roster.Project) (r reviewRules, err error) {
	if p.Settings == "" {
		return r, nil
	}
	var settings map[string]json.RawMessage
	if err := json.Unmarshal([]byte(p.Settings), &settings); err != nil || settings[reviewRulesSetting] == nil {
		return r, err
	}
	return r, json.Unmarshal(settings[reviewRulesSetting], &r)
}

// ReviewRules is the rules of a project that say what goes to review, in order.
func (a *Membership) ReviewRules(ctx context.Context, project int64) ([]roster.ReviewRule, error) {
	p, _, err := a.AllowedProject(ctx, core.ViewProject, project)
	if err != nil {
		return nil, err
	}
	kept, err := reviewRulesOf(p)
	return kept.Rules, err
}

// SetReviewRules replaces them: a rule with the id of one that there is changes that,
// one without is new, and those that are not named are gone.
func (a *Membership) SetReviewRules(ctx context.Context, project int64,
	rules []roster.ReviewRule) (set []roster.ReviewRule, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		p, _, err := tx.editProject(ctx, core.EditProject, project, nil)
		if err != nil {
			return err
		}
		kept, err := reviewRulesOf(p)
		if err != nil {
			return err
		}
		if err := tx.replaceRules(&kept, rules); err != nil {
			return err
		}
		set = kept.Rules
		if p.Settings, err = mergeSettings(p.Settings, map[string]any{reviewRulesSetting: kept}); err != nil {
			return err
		}
		return tx.db.UpdateProject(ctx, p)
	})
	return set, err
}

func (a *Membership) replaceRules(kept *reviewRules, rules []roster.ReviewRule) error {
	before, seen := kept.Rules, map[int64]bool{}
	kept.Rules = make([]roster.ReviewRule, len(rules))
	for i, r := range rules {
		at := slices.IndexFunc(before, func(b roster.ReviewRule) bool { return b.ID == r.ID })
		switch {
		case r.ID == 0:
			kept.Last++
			r.ID, r.CreatedAt, r.UpdatedAt = kept.Last, a.Now(), a.Now()
		case at < 0:
			return roster.InvalidField("rules", "There is no rule %d in this project. Nothing was changed.", r.ID)
		case seen[r.ID]:
			return roster.InvalidField("rules", "Rule %d is named twice. Nothing was changed.", r.ID)
		default:
			r.CreatedAt, r.UpdatedAt = before[at].CreatedAt, before[at].UpdatedAt
			if at != i || !r.Same(before[at]) {
				r.UpdatedAt = a.Now()
			}
		}
		seen[r.ID] = true
		kept.Rules[i] = r
	}
	return nil
}
