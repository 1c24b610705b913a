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
  return order == 0 ? Verdict::kRepeat : Verdict::kDone;
}

Row merge(const std::optional<Row>& old, const Row& offered) {
  if (!old) return offered;
  const bool same_generation = old->generation == offered.generation;
  const bool absorbed = same_generation && old->outcome == Outcome::kDelivered;
  if (!absorbed && compare(progress_of(offered), progress_of(*old)) > 0) {
    auto stays = offered;
    stays.maybe = stays.maybe || old->maybe;
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
