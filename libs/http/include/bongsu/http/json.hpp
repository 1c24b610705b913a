#pragma once
#include <bongsu/http/problem.hpp>

#include <cstdint>
#include <expected>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

namespace bongsu::http {

/// A JSON object as it came (RFC 8259), stricter than the RFC: no duplicate names, well-formed UTF-8,
/// no U+0000, at most 32 levels, at most 64 members an object, nothing behind it.
class Json {
 public:
  /// Errors: malformed (also: no object), duplicate_field, invalid_character, too_deep, too_many.
  static std::expected<Json, FieldError> parse(std::string_view text);
  Json(Json&&) noexcept;
  Json& operator=(Json&&) noexcept;
  ~Json();

  const boost::json::object& object() const;

 private:
  struct Document;
  explicit Json(std::unique_ptr<Document> document);
  std::unique_ptr<Document> document_;
};

/// Appends `text` as a JSON string, with its quotation marks.
void append_json_text(std::string& out, std::string_view text);

/// Bounds of a text, in characters (code points), and in bytes of UTF-8.
struct TextRule {
  std::size_t min = 1;
  std::size_t max = 255;
  std::size_t max_bytes = 64U << 10;
};

/// Takes an object's fields and notes everything that is wrong with them, not the first only.
///
///   ObjectReader reader{json.object()};
///   const auto name = reader.text("name", {.max = 100});
///   reader.finish();                       // what was not asked for is unknown
///   if (!reader.ok()) return invalid_request(reader.errors());
///
/// A field that is null counts as absent. What is absent or wrong is an empty value.
/// Lifetime: the Json outlives its readers, a reader outlives those it gave.
class ObjectReader {
 public:
  explicit ObjectReader(const boost::json::object& object, std::string path = {});

  std::string text(std::string_view name, TextRule rule = {});
  std::optional<std::string> optional_text(std::string_view name, TextRule rule = {});
  /// One of `allowed`; its place in them.
  std::optional<std::size_t> choice(std::string_view name, std::initializer_list<std::string_view> allowed,
                                    bool required);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most,
                                      bool required);
  std::optional<double> number(std::string_view name, double least, double most, bool required);
  std::optional<bool> boolean(std::string_view name, bool required);
  /// Its errors carry this one's path and are added by add_errors_of().
  std::optional<ObjectReader> object(std::string_view name, bool required);
  std::vector<ObjectReader> objects(std::string_view name, std::size_t least, std::size_t most);
  std::vector<std::string> texts(std::string_view name, std::size_t least, std::size_t most, TextRule rule,
                                 bool required);

  bool has(std::string_view name) const;
  void refuse(std::string_view name, std::string code, Text message);
  void add_errors_of(const ObjectReader& inner);
  /// Notes the fields that nobody asked for.
  void finish();

  bool ok() const { return errors_.empty(); }
  const std::vector<FieldError>& errors() const { return errors_; }

 private:
  const boost::json::value* take(std::string_view name, bool required);
  const boost::json::array* take_list(std::string_view name, std::size_t least, std::size_t most,
                                      bool required);
  std::optional<std::string> checked_text(std::string_view field, const boost::json::value& value,
                                          TextRule rule);
  std::string path_of(std::string_view name) const;
  void note(std::string field, std::string code, Text message);

  const boost::json::object* object_;
  std::string path_;
  std::vector<std::string_view> asked_;
  std::vector<FieldError> errors_;
};

}  // namespace bongsu::http
