// What a checkout in TypeScript does with types made by openapi-typescript with its defaults.
// Beside it stand `api.d.ts`, made from the description, and `readme.ts`, the documents' examples as they are written.
import type { components, paths } from "./api";

type Schemas = components["schemas"];
type QuoteAnswer = paths["/api/v1/quote"]["post"]["responses"]["200"]["content"]["application/json"];

// What is always answered needs no question mark; shoppers are not shown payouts.
export function total(answer: QuoteAnswer): number {
  return answer.data.total_amount + (answer.data.payouts ?? []).reduce((sum, payout) => sum + payout.payout, 0);
}
export const cacheOf = (quote: Schemas["QuoteDocument"]): "miss" | "local" | "redis" => quote.cache;
export const lowest = (rate: Schemas["RateRecord"]): number | null => rate.min_amount;
export const upTo = (tier: Schemas["CommissionTierResponse"]): number | null => tier.up_to;

// The type of a rule tells its configuration.
export function threshold(rule: Schemas["RuleRecord"]): number | string | undefined {
  switch (rule.type) {
    case "SMALL_BASKET_FEE":
      return rule.configuration.mode === "top_up" ? rule.configuration.threshold : undefined;
    case "COUPON":
      return rule.configuration.code;
    default:
      return undefined;
  }
}

// Amounts may be sent as texts.
export const texts: Schemas["RuleDraft"] = {
  name: "a", type: "DELIVERY_FEE", currency: "TRY", configuration: { base_fee: "15.00", per_km: "0.5" },
};

// A configuration of another type is an error, and so is a word that no field knows.
export const ofAnother: Schemas["RuleDraft"] = {
  name: "a", type: "SMALL_BASKET_FEE",
  // @ts-expect-error: base_fee belongs to delivery
  configuration: { base_fee: 15 },
};
export const odd: Schemas["RuleDraft"] = {
  name: "a", type: "SMALL_BASKET_FEE",
  // @ts-expect-error: there are two modes
  configuration: { threshold: 50, fee: 5, mode: "odd" },
};
// @ts-expect-error: a basket without lines is none
export const withoutLines: Schemas["Basket"] = { customer_id: "a", seller_id: "b", currency: "TRY", delivery_address: { city: "a", country: "TR" } };
