// Trees as their operators give them, checked, and laid out.
#include "m2c/Graph/Forest.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/ShapeMath.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <cstring>
#include <set>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// The comparisons, numbered as TreeEnsemble does it.
enum Mode { LessOrEqual, Less, GreaterOrEqual, Greater, Equal, NotEqual, Member, Leaf };
constexpr StringRef kModes[] = {"BRANCH_LEQ", "BRANCH_LT",  "BRANCH_GTE",    "BRANCH_GT",
                                "BRANCH_EQ",  "BRANCH_NEQ", "BRANCH_MEMBER", "LEAF"};

struct Entry {
  int64_t target;
  double weight;
};

/// A node as the model has it.
struct ModelNode {
  int64_t mode = Leaf, feature = 0, yes = -1, no = -1; // children: indices of nodes
  double value = 0;
  bool missing = false;
  std::vector<double> members;
  std::vector<Entry> entries; // of a leaf
};

/// A step x <= split, or a leaf.
struct Step {
  int64_t feature = 0;
  double split = 0;
  bool nanFirst = false;
  int64_t first = -1, second = -1; // steps; a leaf has none
  const std::vector<Entry> *entries = nullptr;
};

class Builder {
public:
  Builder(Forest &forest, ArrayRef<ModelNode> nodes) : forest(forest), nodes(nodes), stepOf(nodes.size(), -1) {}

  void build(ArrayRef<int64_t> roots) {
    forest.single = forest.targets == 1 && llvm::all_of(nodes, [](const ModelNode &node) {
                      return node.mode != Leaf || node.entries.size() == 1;
                    });
    SmallVector<int64_t> rootSteps;
    for (int64_t root : roots)
      rootSteps.push_back(makeSteps(root));
    forest.missing = llvm::any_of(steps, [](const Step &step) { return !step.entries && step.nanFirst; });
    childOf.assign(steps.size(), -1);
    for (int64_t root : rootSteps) {
      forest.roots.push_back(numRecords);
      int64_t record = addRecords(1);
      place(record, root);
    }
    if (forest.leafTargets.empty()) { // a table has at least one element
      forest.leafTargets.push_back(0);
      forest.leafWeights.push_back(0);
    }
  }

private:
  double below(double value) const {
    if (value == -std::numeric_limits<double>::infinity())
      return std::numeric_limits<double>::quiet_NaN(); // nothing is below: no comparison with NaN holds
    return forest.isDouble ? std::nextafter(value, -std::numeric_limits<double>::infinity())
                           : static_cast<double>(
                                 std::nextafter(static_cast<float>(value), -std::numeric_limits<float>::infinity()));
  }

  int64_t add(int64_t feature, double split, bool nanFirst, int64_t first, int64_t second) {
    steps.push_back({feature, split, nanFirst, first, second, nullptr});
    return static_cast<int64_t>(steps.size()) - 1;
  }

  /// x == value ? yes : no
  int64_t addEqual(int64_t feature, double value, bool nanEqual, int64_t yes, int64_t no) {
    return add(feature, value, nanEqual, add(feature, below(value), false, no, yes), no);
  }

  /// The steps of the tree at `root`, children first.
  int64_t makeSteps(int64_t root) {
    SmallVector<int64_t> pending{root};
    while (!pending.empty()) {
      int64_t n = pending.back();
      const ModelNode &node = nodes[n];
      if (stepOf[n] >= 0) {
        pending.pop_back();
      } else if (node.mode == Leaf) {
        Step leaf;
        leaf.entries = &node.entries;
        steps.push_back(leaf);
        stepOf[n] = static_cast<int64_t>(steps.size()) - 1;
      } else if (stepOf[node.yes] < 0 || stepOf[node.no] < 0) {
        pending.append({node.yes, node.no});
      } else {
        stepOf[n] = makeStep(node, stepOf[node.yes], stepOf[node.no]);
      }
    }
    return stepOf[root];
  }

  int64_t makeStep(const ModelNode &node, int64_t yes, int64_t no) {
    switch (node.mode) {
    case LessOrEqual:
      return add(node.feature, node.value, node.missing, yes, no);
    case Less:
      return add(node.feature, below(node.value), node.missing, yes, no);
    case GreaterOrEqual:
      return add(node.feature, below(node.value), !node.missing, no, yes);
    case Greater:
      return add(node.feature, node.value, !node.missing, no, yes);
    case Equal:
      return addEqual(node.feature, node.value, node.missing, yes, no);
    case NotEqual: // NaN is not equal to anything
      return addEqual(node.feature, node.value, false, no, yes);
    default:
      for (double member : llvm::reverse(node.members))
        no = addEqual(node.feature, member, node.missing, yes, no);
      return no;
    }
  }

  int64_t addRecords(int64_t count) {
    int64_t first = numRecords;
    numRecords += count;
    forest.nodes.resize(numRecords * forest.words());
    return first;
  }

  void write(int64_t record, double split, int64_t feature, int64_t child) {
    int64_t *to = &forest.nodes[record * forest.words()];
    int32_t bits[2];
    auto narrow = static_cast<float>(split);
    std::memcpy(bits, forest.isDouble ? static_cast<void *>(&split) : &narrow, forest.isDouble ? 8 : 4);
    *to++ = bits[0];
    if (forest.isDouble)
      *to++ = bits[1];
    *to++ = feature;
    *to = child;
  }

  /// Writes the step and all below it. A step that is reached on several ways is one more record, its children are not.
  void place(int64_t rootRecord, int64_t rootStep) {
    SmallVector<std::pair<int64_t, int64_t>> pending{{rootRecord, rootStep}};
    while (!pending.empty()) {
      auto [record, s] = pending.pop_back_val();
      const Step &step = steps[s];
      if (step.entries) {
        placeLeaf(record, *step.entries);
        continue;
      }
      if (childOf[s] < 0) {
        childOf[s] = addRecords(2);
        pending.push_back({childOf[s] + 1, step.second});
        pending.push_back({childOf[s], step.first});
      }
      write(record, step.split, forest.missing ? step.feature * 2 + step.nanFirst : step.feature, childOf[s]);
    }
  }

  void placeLeaf(int64_t record, const std::vector<Entry> &entries) {
    auto first = static_cast<int32_t>(forest.leafTargets.size());
    if (forest.single) {
      write(record, entries.front().weight, 0, -1);
      return;
    }
    write(record, 0, 0, -static_cast<int64_t>(entries.size()) - 1);
    forest.nodes[record * forest.words()] = first;
    for (const Entry &entry : entries) {
      forest.leafTargets.push_back(entry.target);
      forest.leafWeights.push_back(entry.weight);
    }
  }

  Forest &forest;
  ArrayRef<ModelNode> nodes;
  std::vector<int64_t> stepOf, childOf;
  std::vector<Step> steps;
  int64_t numRecords = 0;
};

using Error = llvm::function_ref<InFlightDiagnostic()>;

/// No child is missing, no node is its own descendant, features and targets exist.
LogicalResult check(ArrayRef<ModelNode> nodes, ArrayRef<int64_t> roots, int64_t features, int64_t targets,
                    Error error) {
  auto size = static_cast<int64_t>(nodes.size());
  for (auto [i, node] : llvm::enumerate(nodes)) {
    for (const Entry &entry : node.entries)
      if (entry.target < 0 || entry.target >= targets)
        return error() << "a leaf's target is " << entry.target << " but there are " << targets << " targets";
    if (node.mode == Leaf)
      continue;
    for (int64_t child : {node.yes, node.no})
      if (child < 0 || child >= size)
        return error() << "node " << i << " of its trees has no child where it branches";
    if (node.feature < 0 || (features != kDynamic && node.feature >= features))
      return error() << "node " << i << " of its trees reads feature " << node.feature << " of " << features;
  }
  enum { New, Open, Done };
  std::vector<char> state(nodes.size(), New);
  for (int64_t root : roots) {
    if (root < 0 || root >= size)
      return error() << "a tree's root is node " << root << " of " << size;
    SmallVector<int64_t> path{root};
    while (!path.empty()) {
      const ModelNode &node = nodes[path.back()];
      int64_t next = -1;
      if (state[path.back()] == New)
        state[path.back()] = Open;
      if (node.mode != Leaf)
        for (int64_t child : {node.yes, node.no}) {
          if (state[child] == Open)
            return error() << "node " << child << " of its trees is below itself";
          if (state[child] == New)
            next = child;
        }
      if (next >= 0) {
        path.push_back(next);
      } else {
        state[path.back()] = Done;
        path.pop_back();
      }
    }
  }
  return success();
}

/// The numbers of a list of floats or of a tensor, whichever there is.
std::vector<double> numbers(std::optional<ArrayRef<float>> list, std::optional<ElementsAttr> tensor) {
  if (tensor)
    if (auto values = getFloats(*tensor))
      return {values->begin(), values->end()};
  return list ? std::vector<double>(list->begin(), list->end()) : std::vector<double>();
}

std::vector<int64_t> integers(std::optional<ArrayRef<int64_t>> list) {
  return list ? std::vector<int64_t>(list->begin(), list->end()) : std::vector<int64_t>();
}

/// The leaves' entries of the older operators.
struct LeafLists {
  std::vector<int64_t> trees, nodes, targets;
  std::vector<double> weights;
};

/// Nodes of the older operators: a tree's are numbered on their own, the first is its root.
template <class Op>
LogicalResult readOld(Op op, const LeafLists &leaves, std::vector<ModelNode> &nodes, std::vector<int64_t> &roots,
                      Error error) {
  std::vector<int64_t> trees = integers(op.getNodesTreeids()), ids = integers(op.getNodesNodeids()),
                       yes = integers(op.getNodesTruenodeids()), no = integers(op.getNodesFalsenodeids()),
                       features = integers(op.getNodesFeatureids()),
                       missing = integers(op.getNodesMissingValueTracksTrue());
  std::vector<double> values = numbers(op.getNodesValues(), op.getNodesValuesAsTensor());
  size_t count = trees.size();
  ArrayAttr modes = op.getNodesModes().value_or(ArrayAttr());
  for (auto [name, size] :
       {std::pair("nodes_nodeids", ids.size()), std::pair("nodes_truenodeids", yes.size()),
        std::pair("nodes_falsenodeids", no.size()), std::pair("nodes_featureids", features.size()),
        std::pair("nodes_values", values.size()), std::pair("nodes_modes", modes ? modes.size() : 0)})
    if (size != count)
      return error() << name << " has " << size << " values but nodes_treeids " << count;
  llvm::DenseMap<std::pair<int64_t, int64_t>, int64_t> index;
  for (size_t i = 0; i < count; ++i) {
    if (roots.empty() || trees[i] != trees[i - 1])
      roots.push_back(static_cast<int64_t>(i));
    if (!index.try_emplace({trees[i], ids[i]}, i).second)
      return error() << "tree " << trees[i] << " has two nodes " << ids[i];
  }
  nodes.resize(count);
  for (size_t i = 0; i < count; ++i) {
    StringRef mode = cast<StringAttr>(modes[i]).getValue();
    const auto *known = llvm::find(kModes, mode);
    if (known == std::end(kModes) || *known == "BRANCH_MEMBER")
      return error() << "nodes_modes has '" << mode << "', which is no comparison";
    nodes[i].mode = known - kModes;
    nodes[i].feature = features[i];
    nodes[i].value = values[i];
    nodes[i].missing = i < missing.size() && missing[i] != 0;
    if (nodes[i].mode == Leaf)
      continue;
    auto child = [&](int64_t id) {
      auto found = index.find({trees[i], id});
      return found == index.end() ? int64_t{-1} : found->second;
    };
    nodes[i].yes = child(yes[i]);
    nodes[i].no = child(no[i]);
  }
  size_t entries = leaves.trees.size();
  if (leaves.nodes.size() != entries || leaves.targets.size() != entries || leaves.weights.size() != entries)
    return error() << "its lists of leaves have " << entries << ", " << leaves.nodes.size() << ", "
                   << leaves.targets.size() << " and " << leaves.weights.size() << " values";
  for (size_t e = 0; e < entries; ++e) {
    auto found = index.find({leaves.trees[e], leaves.nodes[e]});
    if (found == index.end() || nodes[found->second].mode != Leaf)
      return error() << "node " << leaves.nodes[e] << " of tree " << leaves.trees[e] << " has a weight but is no leaf";
    nodes[found->second].entries.push_back({leaves.targets[e], leaves.weights[e]});
  }
  return success();
}

LogicalResult readNew(MlTreeEnsembleOp op, std::vector<ModelNode> &nodes, std::vector<int64_t> &roots, Error error) {
  ArrayRef<int64_t> features = op.getNodesFeatureids(), yes = op.getNodesTruenodeids(), no = op.getNodesFalsenodeids(),
                    yesLeaf = op.getNodesTrueleafs(), noLeaf = op.getNodesFalseleafs(), targets = op.getLeafTargetids();
  std::vector<int64_t> missing = integers(op.getNodesMissingValueTracksTrue());
  auto modes = getIntegers(op.getNodesModes()).value_or(SmallVector<int64_t>());
  std::vector<double> splits = numbers(std::nullopt, op.getNodesSplits()),
                      weights = numbers(std::nullopt, op.getLeafWeights()),
                      members = numbers(std::nullopt, op.getMembershipValues());
  size_t count = features.size(), nextMember = 0;
  for (auto [name, size] : {std::pair("nodes_truenodeids", yes.size()), std::pair("nodes_falsenodeids", no.size()),
                            std::pair("nodes_trueleafs", yesLeaf.size()), std::pair("nodes_falseleafs", noLeaf.size()),
                            std::pair("nodes_modes", modes.size()), std::pair("nodes_splits", splits.size())})
    if (size != count)
      return error() << name << " has " << size << " values but nodes_featureids " << count;
  if (weights.size() != targets.size())
    return error() << "leaf_weights has " << weights.size() << " values but leaf_targetids " << targets.size();
  auto child = [&](int64_t id, int64_t isLeaf) {
    auto most = static_cast<int64_t>(isLeaf ? weights.size() : count);
    return id < 0 || id >= most ? int64_t{-1} : isLeaf ? static_cast<int64_t>(count) + id : id;
  };
  nodes.resize(count + weights.size());
  for (size_t i = 0; i < count; ++i) {
    ModelNode &node = nodes[i];
    node = {modes[i],
            features[i],
            child(yes[i], yesLeaf[i]),
            child(no[i], noLeaf[i]),
            splits[i],
            i < missing.size() && missing[i] != 0,
            {},
            {}};
    if (node.mode < LessOrEqual || node.mode > Member)
      return error() << "nodes_modes has " << node.mode << ", which is no comparison";
    if (node.mode != Member)
      continue;
    std::set<double> set; // the sets follow each other, each ends in NaN
    for (; nextMember < members.size() && !std::isnan(members[nextMember]); ++nextMember)
      set.insert(members[nextMember]);
    if (nextMember++ == members.size())
      return error() << "membership_values has fewer sets than there are nodes that want one";
    node.members.assign(set.begin(), set.end());
  }
  for (size_t leaf = 0; leaf < weights.size(); ++leaf)
    nodes[count + leaf].entries.push_back({targets[leaf], weights[leaf]});
  for (int64_t root : op.getTreeRoots()) {
    bool isLeaf =
        root >= 0 && root < static_cast<int64_t>(count) && yesLeaf[root] && noLeaf[root] && yes[root] == no[root];
    roots.push_back(isLeaf ? child(yes[root], 1) : root);
  }
  return success();
}

} // namespace

FailureOr<Forest> Forest::build(Operation *op, Error error) {
  Forest forest;
  std::vector<ModelNode> nodes;
  std::vector<int64_t> roots;
  auto input = cast<RankedTensorType>(op->getOperand(0).getType());
  forest.isDouble = input.getElementType().isF64();
  LogicalResult read = failure();
  if (auto ensemble = dyn_cast<MlTreeEnsembleOp>(op)) {
    forest.targets = ensemble.getNTargets().value_or(1);
    read = readNew(ensemble, nodes, roots, error);
  } else if (auto regressor = dyn_cast<MlTreeEnsembleRegressorOp>(op)) {
    forest.targets = regressor.getNTargets().value_or(1);
    read = readOld(regressor,
                   {integers(regressor.getTargetTreeids()), integers(regressor.getTargetNodeids()),
                    integers(regressor.getTargetIds()),
                    numbers(regressor.getTargetWeights(), regressor.getTargetWeightsAsTensor())},
                   nodes, roots, error);
  } else {
    auto classifier = cast<MlTreeEnsembleClassifierOp>(op);
    forest.targets = classifier.getClasslabelsInt64s() ? classifier.getClasslabelsInt64s()->size() : 0;
    read = readOld(classifier,
                   {integers(classifier.getClassTreeids()), integers(classifier.getClassNodeids()),
                    integers(classifier.getClassIds()),
                    numbers(classifier.getClassWeights(), classifier.getClassWeightsAsTensor())},
                   nodes, roots, error);
  }
  if (failed(read) ||
      failed(check(nodes, roots, input.getRank() == 2 ? input.getDimSize(1) : kDynamic, forest.targets, error)))
    return failure();
  if (roots.empty())
    return error() << "it has no trees", failure();
  Builder(forest, nodes).build(roots);
  return forest;
}

} // namespace m2c::graph
