#include "welcome_mail.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

namespace bongsu::email {
namespace {

using kainjow::mustache::data;
using kainjow::mustache::mustache;

constexpr std::string_view kDefaultLanguage = "ko";
constexpr std::array kLanguages{kDefaultLanguage, std::string_view{"en"}};

/// A context that remembers which names it was asked for in vain.
class StrictContext : public kainjow::mustache::context<std::string> {
 public:
  const data* get(const std::string& name) const override {
    const auto* found = context::get(name);
    if (found == nullptr) unknown_.push_back(name);
    return found;
  }
  const data* get_partial(const std::string& name) const override {
    unknown_.push_back("> " + name);
    return nullptr;
  }
  const std::vector<std::string>& unknown() const { return unknown_; }

 private:
  mutable std::vector<std::string> unknown_;
};

enum class Escape : std::uint8_t { kNone, kHtml };

data variables(const std::string& name, const std::string& sender) {
  data values;
  values.set("name", name);
  values.set("sender", sender);
  return values;
}

/// The file's end of line is not the text's.
std::string without_last_break(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

Result<mustache> parse(const TemplateFiles& files, const std::string& file, Escape escape) {
  const auto found = files.find(file);
  if (found == files.end())
    return fail(ErrorCode::kInvalidArgument, fmt::format("templates: {} is missing", file), file);
  mustache parsed{without_last_break(found->second)};
  if (!parsed.is_valid())
    return fail(ErrorCode::kInvalidArgument, fmt::format("templates: {}: {}", file, parsed.error_message()),
                file);
  if (escape == Escape::kNone) parsed.set_custom_escape([](const std::string& text) { return text; });
  const auto values = variables("name", "sender");
  StrictContext context;
  context.push(&values);
  parsed.render(context);
  if (!context.unknown().empty())
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("templates: {}: there is no variable {{{{{}}}}}", file, context.unknown().front()), file);
  return parsed;
}

PrivateText render(mustache& parsed, const data& values) {
  kainjow::mustache::context<std::string> context;
  context.push(&values);
  return PrivateText{parsed.render(context)};
}

/// A name goes into a header field: nothing in it may end the line.
std::string on_one_line(std::string text) {
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  return text;
}

}  // namespace

struct WelcomeMail::Languages {
  struct Templates {
    // The library's render() is not const, for errors of lambdas, which there are none of.
    mutable mustache subject;
    mutable mustache text;
    mutable mustache html;
  };
  std::string sender;
  std::map<std::string, Templates, std::less<>> templates;
};

Result<WelcomeMail> WelcomeMail::load(const TemplateFiles& files, const PersonName& sender) {
  auto languages = std::make_shared<Languages>();
  languages->sender = sender.reveal();
  for (const auto language : kLanguages) {
    auto subject = parse(files, fmt::format("welcome.{}.subject.txt", language), Escape::kNone);
    if (!subject) return std::unexpected(std::move(subject.error()));
    auto text = parse(files, fmt::format("welcome.{}.txt", language), Escape::kNone);
    if (!text) return std::unexpected(std::move(text.error()));
    auto html = parse(files, fmt::format("welcome.{}.html", language), Escape::kHtml);
    if (!html) return std::unexpected(std::move(html.error()));
    languages->templates.emplace(
        language, Languages::Templates{std::move(*subject), std::move(*text), std::move(*html)});
  }
  return WelcomeMail{std::move(languages)};
}

WelcomeMail::Written WelcomeMail::write(const PersonName& name, std::string_view locale) const {
  auto found = languages_->templates.find(locale);
  if (found == languages_->templates.end()) found = languages_->templates.find(kDefaultLanguage);
  const auto values = variables(on_one_line(name.reveal()), languages_->sender);
  const auto& templates = found->second;
  return {.subject = render(templates.subject, values),
          .text = render(templates.text, values),
          .html = render(templates.html, values)};
}

}  // namespace bongsu::email
