#include "cli/identity_text.h"

#include <cstdio>

#include "cli/terminal.h"

namespace rondom::cli {

std::string share(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return text;
}

std::string seconds(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::string bits_text(probabilistic::Millibits bits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", bits / 1000.0);
  return text;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

namespace {

std::string json_of(const resolve::Quality& quality) {
  return "{\"precision\":" + share(quality.precision) + ",\"recall\":" + share(quality.recall) +
         ",\"f1\":" + share(quality.f1) + ",\"b3_precision\":" + share(quality.b3_precision) +
         ",\"b3_recall\":" + share(quality.b3_recall) + ",\"b3_f1\":" + share(quality.b3_f1) +
         ",\"pairs_found\":" + std::to_string(quality.pairs_found) +
         ",\"pairs_right\":" + std::to_string(quality.pairs_right) +
         ",\"pairs_true\":" + std::to_string(quality.pairs_true) +
         ",\"clusters\":" + std::to_string(quality.groups_found) +
         ",\"clusters_true\":" + std::to_string(quality.groups_true) +
         ",\"largest\":" + std::to_string(quality.largest_found) +
         ",\"largest_true\":" + std::to_string(quality.largest_true) + "}";
}

std::string json_of(const std::vector<std::int64_t>& sizes) {
  std::string out;
  for (std::size_t size = 1; size < sizes.size(); ++size) {
    if (sizes[size] == 0) continue;
    out +=
        (out.empty() ? "\"" : ",\"") + std::to_string(size) + "\":" + std::to_string(sizes[size]);
  }
  return "{" + out + "}";
}

}  // namespace

std::string json_of(const std::vector<probabilistic::RuleCount>& rules) {
  std::string out;
  for (const probabilistic::RuleCount& rule : rules) {
    out += (out.empty() ? "" : ",") + std::string("{\"rule\":");
    append_json_string(out, rule.name);
    out += ",\"blocks\":" + std::to_string(rule.blocks) +
           ",\"pairs\":" + std::to_string(rule.pairs) +
           ",\"largest\":" + std::to_string(rule.largest) +
           ",\"cut_blocks\":" + std::to_string(rule.cut_blocks) +
           ",\"cut_pairs\":" + std::to_string(rule.cut_pairs) + "}";
  }
  return "[" + out + "]";
}

std::string json_of(const engine::Evaluation& evaluation) {
  std::string models;
  for (const engine::EntityEvaluation& one : evaluation.entities) {
    models += (models.empty() ? "" : ",") + std::string("{\"entity\":\"") + to_text(one.entity) +
              "\",\"model\":";
    append_json_string(models, one.model);
    models += ",\"hash\":\"" + one.fingerprint +
              "\",\"trained\":" + (one.trained ? "true" : "false") +
              ",\"records\":" + std::to_string(one.records) +
              ",\"compared\":" + std::to_string(one.compared) +
              ",\"edges\":" + std::to_string(one.edges) +
              ",\"to_review\":" + std::to_string(one.possible) +
              ",\"seconds\":" + seconds(one.seconds) + ",\"blocking\":" + json_of(one.rules) + "}";
  }
  std::string curve;
  for (const engine::CurvePoint& point : evaluation.curve) {
    curve += (curve.empty() ? "" : ",") + std::string("{\"bits\":") + bits_text(point.bits) +
             ",\"quality\":" + json_of(point.quality) + "}";
  }
  return "{\"models\":[" + models +
         "],\"records_of_truth\":" + std::to_string(evaluation.records_of_truth) +
         ",\"records_not_stored\":" + std::to_string(evaluation.records_not_stored) +
         ",\"records_without_truth\":" + std::to_string(evaluation.records_without_truth) +
         ",\"by_identifiers\":" + json_of(evaluation.by_identifiers) +
         ",\"at_default\":" + json_of(evaluation.at_default) +
         ",\"best\":{\"bits\":" + bits_text(evaluation.best.bits) +
         ",\"quality\":" + json_of(evaluation.best.quality) +
         "},\"sizes\":" + json_of(evaluation.sizes_found) +
         ",\"sizes_true\":" + json_of(evaluation.sizes_true) + ",\"curve\":[" + curve + "]}";
}

void print_rules(const std::vector<probabilistic::RuleCount>& rules) {
  Table table({"  blocking rule", "blocks", "pairs", "largest", "cut blocks", "cut pairs"});
  for (const probabilistic::RuleCount& rule : rules) {
    table.add({"  " + rule.name, count(rule.blocks), count(rule.pairs), count(rule.largest),
               count(rule.cut_blocks), count(rule.cut_pairs)});
  }
  std::printf("%s", table.render().c_str());
}

void print(const engine::Evaluation& evaluation) {
  for (const engine::EntityEvaluation& one : evaluation.entities) {
    std::printf("%s · model %s %s%s · %s records · %s pairs compared, %s worth a look · %s s\n",
                to_text(one.entity), one.model.c_str(), one.fingerprint.c_str(),
                one.trained ? " (trained)" : " (as shipped)", count(one.records).c_str(),
                count(one.compared).c_str(), count(one.edges).c_str(),
                seconds(one.seconds).c_str());
    print_rules(one.rules);
    std::printf("  %s possible same, to review\n", count(one.possible).c_str());
  }
  Table table({"", "precision", "recall", "F1", "B3 precision", "B3 recall", "B3 F1", "clusters",
               "largest"});
  const auto row = [&table](const std::string& name, const resolve::Quality& quality) {
    table.add({name, share(quality.precision), share(quality.recall), share(quality.f1),
               share(quality.b3_precision), share(quality.b3_recall), share(quality.b3_f1),
               count(quality.groups_found), count(quality.largest_found)});
  };
  row("identifiers alone", evaluation.by_identifiers);
  row("merge_at " + share(evaluation.merge_at), evaluation.at_default);
  row("best of the curve: " + share(evaluation.best.merge_at) + " (" +
          bits_text(evaluation.best.bits) + " bits)",
      evaluation.best.quality);
  std::printf("%s", table.render().c_str());
  std::printf("truth: %s records in %s clusters, largest %s",
              count(evaluation.records_of_truth).c_str(),
              count(evaluation.at_default.groups_true).c_str(),
              count(evaluation.at_default.largest_true).c_str());
  if (evaluation.records_not_stored > 0) {
    std::printf(" · %s of them are not stored: counted as not found",
                count(evaluation.records_not_stored).c_str());
  }
  if (evaluation.records_without_truth > 0) {
    std::printf(" · %s stored records are not in it: not counted",
                count(evaluation.records_without_truth).c_str());
  }
  std::printf("\n");
}

}  // namespace rondom::cli
