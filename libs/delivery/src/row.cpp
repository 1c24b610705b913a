#include <bongsu/delivery/row.hpp>

namespace bongsu::delivery {

events::Progress progress_of(const Row& row) {
  return {.generation = row.generation, .attempt = row.attempt, .round = row.round};
}

Verdict judge(const events::Progress& record, const std::optional<Row>& row) {
  if (!row) return Verdict::kGoOn;
  if (row->outcome == Outcome::kDelivered && row->generation == record.generation) return Verdict::kRepeat;
  const auto order = compare(record, progress_of(*row));
  if (order > 0) return Verdict::kGoOn;
  if (order < 0) return Verdict::kDone;
  return row->outcome == Outcome::kOpen ? Verdict::kGoOn : Verdict::kRepeat;
}

Row merge(const std::optional<Row>& old, const Row& offered) {
  if (!old) return offered;
  const bool same_generation = old->generation == offered.generation;
  const bool absorbed = same_generation && old->outcome == Outcome::kDelivered;
  const auto order = compare(progress_of(offered), progress_of(*old));
  const bool ends_mark = order == 0 && old->outcome == Outcome::kOpen && offered.outcome != Outcome::kOpen;
  if (!absorbed && (order > 0 || ends_mark)) {
    auto stays = offered;
    stays.maybe = stays.maybe || old->maybe || ends_mark;
    return stays;
  }
  if (!absorbed && same_generation && offered.outcome == Outcome::kDelivered) {
    // Late, from a former owner: it tells what happened, and somebody may have sent again meanwhile.
    auto stays = offered;
    stays.attempt = old->attempt;
    stays.round = old->round;
    stays.maybe = true;
    return stays;
  }
  return *old;
}

}  // namespace bongsu::delivery
