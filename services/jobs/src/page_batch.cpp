#include "page_batch.hpp"

namespace bongsu::jobs {
namespace {

bool is_failure(Outcome outcome) { return outcome == Outcome::kFailed || outcome == Outcome::kUnknown; }

}  // namespace

bool PageBatch::add(const RecipientResult& result) {
  const PageKey key{result.job, result.page};
  auto& page = pages_[key];
  if (!page.has(result.index)) return false;
  const auto before = page.at(result.index);
  auto after = before;
  const bool stands = after.merge(result.outcome, result.generation);
  if (result.fell_back) after.note_fallback();
  if (after == before) return true;
  page.put(result.index, after);
  changed_.insert(key);
  if (!stands) return true;
  const RecipientKey recipient{key, result.index};
  failed_.erase(recipient);
  recovered_.erase(recipient);
  if (is_failure(after.outcome())) {
    failed_.emplace(recipient, &result);
  } else if (is_failure(before.outcome())) {
    recovered_.insert(recipient);
  }
  return true;
}

void PageBatch::add(const PlannedPage& planned) {
  const PageKey key{planned.job, planned.page};
  auto& page = pages_[key];
  page.plan(planned.size, planned.last);
  for (const auto& [index, outcome] : planned.suppressed) {
    auto recipient = page.at(index);
    recipient.merge(outcome, 0);
    page.put(index, recipient);
  }
  changed_.insert(key);
}

}  // namespace bongsu::jobs
