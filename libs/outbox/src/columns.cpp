#include <bongsu/outbox/columns.hpp>

#include <fmt/format.h>

namespace bongsu::outbox {
namespace {

std::vector<postgres::Bytes> views(const std::vector<std::string>& values) {
  std::vector<postgres::Bytes> bytes;
  bytes.reserve(values.size());
  for (const auto& value : values) bytes.push_back({value});
  return bytes;
}

}  // namespace

void Columns::add(const Uuid& owner, Event event) {
  owners_.push_back(owner);
  ids_.push_back(event.id);
  topics_.push_back(std::move(event.topic));
  keys_.push_back(std::move(event.key));
  headers_.push_back(encode(event.headers));
  values_.push_back(std::move(event.value));
}

void Columns::append_to(postgres::Params& params) const {
  params.add(owners_).add(ids_).add(topics_).add(views(keys_)).add(views(headers_)).add(views(values_));
}

std::string insert_sql(std::string_view inserted, int first_parameter) {
  const auto p = first_parameter;
  return fmt::format(
      "INSERT INTO outbox (id, topic, key, headers, value) "
      "SELECT event.id, event.topic, event.key, event.headers, event.value "
      "FROM unnest(${}::uuid[], ${}::uuid[], ${}::text[], ${}::bytea[], ${}::bytea[], ${}::bytea[]) "
      "WITH ORDINALITY AS event(owner, id, topic, key, headers, value, place) "
      "JOIN {} AS owner ON owner.id = event.owner ORDER BY event.place RETURNING id, xid, sequence",
      p, p + 1, p + 2, p + 3, p + 4, p + 5, inserted);
}

}  // namespace bongsu::outbox
