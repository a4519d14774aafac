// ONNX operators: domains ai.onnx.ml and ai.onnx.preview.training.
#ifndef M2C_DIALECT_ONNX_OPS_ML
#define M2C_DIALECT_ONNX_OPS_ML

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_MlArrayFeatureExtractorOp : Onnx_MlOp<"ArrayFeatureExtractor", 1> {
  let summary = "takes features by index";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$Y);
  let results = (outs Onnx_Tensor:$Z);
}

def Onnx_MlBinarizerOp : Onnx_MlOp<"Binarizer", 1> {
  let summary = "1 above a threshold, else 0";
  let arguments = (ins Onnx_Tensor:$X, Onnx_FloatOr<"0.0f">:$threshold);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlCastMapOp : Onnx_MlOp<"CastMap", 1> {
  let summary = "turns a map into a tensor";
  let arguments = (ins Onnx_Value:$X, Onnx_StrOr<"TO_FLOAT">:$cast_to, Onnx_StrOr<"DENSE">:$map_form,
      Onnx_IntOr<1>:$max_map);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlCategoryMapperOp : Onnx_MlOp<"CategoryMapper", 1> {
  let summary = "maps strings to integers or back";
  let arguments = (ins Onnx_Tensor:$X, OptionalAttr<DenseI64ArrayAttr>:$cats_int64s,
      OptionalAttr<StrArrayAttr>:$cats_strings, Onnx_IntOr<-1>:$default_int64, Onnx_StrOr<"_Unused">:$default_string);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlDictVectorizerOp : Onnx_MlOp<"DictVectorizer", 1> {
  let summary = "turns a map into an array by a vocabulary";
  let arguments = (ins Onnx_Value:$X, OptionalAttr<DenseI64ArrayAttr>:$int64_vocabulary,
      OptionalAttr<StrArrayAttr>:$string_vocabulary);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlFeatureVectorizerOp : Onnx_MlOp<"FeatureVectorizer", 1> {
  let summary = "joins feature vectors";
  let arguments = (ins Onnx_NonEmpty<Onnx_Tensor>:$X, OptionalAttr<DenseI64ArrayAttr>:$inputdimensions);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlImputerOp : Onnx_MlOp<"Imputer", 1> {
  let summary = "replaces missing values";
  let arguments = (ins Onnx_Tensor:$X, OptionalAttr<DenseF32ArrayAttr>:$imputed_value_floats,
      OptionalAttr<DenseI64ArrayAttr>:$imputed_value_int64s, Onnx_FloatOr<"0.0f">:$replaced_value_float,
      Onnx_IntOr<0>:$replaced_value_int64);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlLabelEncoderOp : Onnx_MlOp<"LabelEncoder", 4> {
  let summary = "maps keys to values";
  let arguments = (ins Onnx_Tensor:$X, Onnx_FloatOr<"-0.0f">:$default_float, Onnx_IntOr<-1>:$default_int64,
      Onnx_StrOr<"_Unused">:$default_string, OptionalAttr<ElementsAttr>:$default_tensor,
      OptionalAttr<DenseF32ArrayAttr>:$keys_floats, OptionalAttr<DenseI64ArrayAttr>:$keys_int64s,
      OptionalAttr<StrArrayAttr>:$keys_strings, OptionalAttr<ElementsAttr>:$keys_tensor,
      OptionalAttr<DenseF32ArrayAttr>:$values_floats, OptionalAttr<DenseI64ArrayAttr>:$values_int64s,
      OptionalAttr<StrArrayAttr>:$values_strings, OptionalAttr<ElementsAttr>:$values_tensor);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlLinearClassifierOp : Onnx_MlOp<"LinearClassifier", 1> {
  let summary = "linear classifier";
  let arguments = (ins Onnx_Tensor:$X, OptionalAttr<DenseI64ArrayAttr>:$classlabels_ints,
      OptionalAttr<StrArrayAttr>:$classlabels_strings, DenseF32ArrayAttr:$coefficients,
      OptionalAttr<DenseF32ArrayAttr>:$intercepts, Onnx_IntOr<0>:$multi_class, Onnx_StrOr<"NONE">:$post_transform);
  let results = (outs Onnx_Tensor:$Y, Onnx_Tensor:$Z);
}

def Onnx_MlLinearRegressorOp : Onnx_MlOp<"LinearRegressor", 1> {
  let summary = "linear regression";
  let arguments = (ins Onnx_Tensor:$X, OptionalAttr<DenseF32ArrayAttr>:$coefficients,
      OptionalAttr<DenseF32ArrayAttr>:$intercepts, Onnx_StrOr<"NONE">:$post_transform, Onnx_IntOr<1>:$targets);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlNormalizerOp : Onnx_MlOp<"Normalizer", 1> {
  let summary = "divides each row by its norm";
  let arguments = (ins Onnx_Tensor:$X, Onnx_StrOr<"MAX">:$norm);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlOneHotEncoderOp : Onnx_MlOp<"OneHotEncoder", 1> {
  let summary = "one-hot encoding by categories";
  let arguments = (ins Onnx_Tensor:$X, OptionalAttr<DenseI64ArrayAttr>:$cats_int64s,
      OptionalAttr<StrArrayAttr>:$cats_strings, Onnx_IntOr<1>:$zeros);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlSVMClassifierOp : Onnx_MlOp<"SVMClassifier", 1> {
  let summary = "support vector machine, classes";
  let arguments = (ins Onnx_Tensor:$X, OptionalAttr<DenseI64ArrayAttr>:$classlabels_ints,
      OptionalAttr<StrArrayAttr>:$classlabels_strings, OptionalAttr<DenseF32ArrayAttr>:$coefficients,
      OptionalAttr<DenseF32ArrayAttr>:$kernel_params, Onnx_StrOr<"LINEAR">:$kernel_type,
      Onnx_StrOr<"NONE">:$post_transform, OptionalAttr<DenseF32ArrayAttr>:$prob_a,
      OptionalAttr<DenseF32ArrayAttr>:$prob_b, OptionalAttr<DenseF32ArrayAttr>:$rho,
      OptionalAttr<DenseF32ArrayAttr>:$support_vectors, OptionalAttr<DenseI64ArrayAttr>:$vectors_per_class);
  let results = (outs Onnx_Tensor:$Y, Onnx_Tensor:$Z);
}

def Onnx_MlSVMRegressorOp : Onnx_MlOp<"SVMRegressor", 1> {
  let summary = "support vector machine, regression";
  let arguments = (ins Onnx_Tensor:$X, OptionalAttr<DenseF32ArrayAttr>:$coefficients,
      OptionalAttr<DenseF32ArrayAttr>:$kernel_params, Onnx_StrOr<"LINEAR">:$kernel_type, Onnx_IntOr<0>:$n_supports,
      Onnx_IntOr<0>:$one_class, Onnx_StrOr<"NONE">:$post_transform, OptionalAttr<DenseF32ArrayAttr>:$rho,
      OptionalAttr<DenseF32ArrayAttr>:$support_vectors);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlScalerOp : Onnx_MlOp<"Scaler", 1> {
  let summary = "(x - offset) * scale";
  let arguments = (ins Onnx_Tensor:$X, OptionalAttr<DenseF32ArrayAttr>:$offset,
      OptionalAttr<DenseF32ArrayAttr>:$scale);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlTreeEnsembleOp : Onnx_MlOp<"TreeEnsemble", 5> {
  let summary = "sum, mean, minimum or maximum over decision trees";
  let arguments = (ins Onnx_Tensor:$X, Onnx_IntOr<1>:$aggregate_function, DenseI64ArrayAttr:$leaf_targetids,
      ElementsAttr:$leaf_weights, OptionalAttr<ElementsAttr>:$membership_values, OptionalAttr<Onnx_Int>:$n_targets,
      DenseI64ArrayAttr:$nodes_falseleafs, DenseI64ArrayAttr:$nodes_falsenodeids, DenseI64ArrayAttr:$nodes_featureids,
      OptionalAttr<ElementsAttr>:$nodes_hitrates, OptionalAttr<DenseI64ArrayAttr>:$nodes_missing_value_tracks_true,
      ElementsAttr:$nodes_modes, ElementsAttr:$nodes_splits, DenseI64ArrayAttr:$nodes_trueleafs,
      DenseI64ArrayAttr:$nodes_truenodeids, Onnx_IntOr<0>:$post_transform, DenseI64ArrayAttr:$tree_roots);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlTreeEnsembleClassifierOp : Onnx_MlOp<"TreeEnsembleClassifier", 5> {
  let summary = "the old form of TreeEnsemble for classes";
  let arguments = (ins Onnx_Tensor:$X, OptionalAttr<DenseF32ArrayAttr>:$base_values,
      OptionalAttr<ElementsAttr>:$base_values_as_tensor, OptionalAttr<DenseI64ArrayAttr>:$class_ids,
      OptionalAttr<DenseI64ArrayAttr>:$class_nodeids, OptionalAttr<DenseI64ArrayAttr>:$class_treeids,
      OptionalAttr<DenseF32ArrayAttr>:$class_weights, OptionalAttr<ElementsAttr>:$class_weights_as_tensor,
      OptionalAttr<DenseI64ArrayAttr>:$classlabels_int64s, OptionalAttr<StrArrayAttr>:$classlabels_strings,
      OptionalAttr<DenseI64ArrayAttr>:$nodes_falsenodeids, OptionalAttr<DenseI64ArrayAttr>:$nodes_featureids,
      OptionalAttr<DenseF32ArrayAttr>:$nodes_hitrates, OptionalAttr<ElementsAttr>:$nodes_hitrates_as_tensor,
      OptionalAttr<DenseI64ArrayAttr>:$nodes_missing_value_tracks_true, OptionalAttr<StrArrayAttr>:$nodes_modes,
      OptionalAttr<DenseI64ArrayAttr>:$nodes_nodeids, OptionalAttr<DenseI64ArrayAttr>:$nodes_treeids,
      OptionalAttr<DenseI64ArrayAttr>:$nodes_truenodeids, OptionalAttr<DenseF32ArrayAttr>:$nodes_values,
      OptionalAttr<ElementsAttr>:$nodes_values_as_tensor, Onnx_StrOr<"NONE">:$post_transform);
  let results = (outs Onnx_Tensor:$Y, Onnx_Tensor:$Z);
}

def Onnx_MlTreeEnsembleRegressorOp : Onnx_MlOp<"TreeEnsembleRegressor", 5> {
  let summary = "the old form of TreeEnsemble for regression";
  let arguments = (ins Onnx_Tensor:$X, Onnx_StrOr<"SUM">:$aggregate_function,
      OptionalAttr<DenseF32ArrayAttr>:$base_values, OptionalAttr<ElementsAttr>:$base_values_as_tensor,
      OptionalAttr<Onnx_Int>:$n_targets, OptionalAttr<DenseI64ArrayAttr>:$nodes_falsenodeids,
      OptionalAttr<DenseI64ArrayAttr>:$nodes_featureids, OptionalAttr<DenseF32ArrayAttr>:$nodes_hitrates,
      OptionalAttr<ElementsAttr>:$nodes_hitrates_as_tensor,
      OptionalAttr<DenseI64ArrayAttr>:$nodes_missing_value_tracks_true, OptionalAttr<StrArrayAttr>:$nodes_modes,
      OptionalAttr<DenseI64ArrayAttr>:$nodes_nodeids, OptionalAttr<DenseI64ArrayAttr>:$nodes_treeids,
      OptionalAttr<DenseI64ArrayAttr>:$nodes_truenodeids, OptionalAttr<DenseF32ArrayAttr>:$nodes_values,
      OptionalAttr<ElementsAttr>:$nodes_values_as_tensor, Onnx_StrOr<"NONE">:$post_transform,
      OptionalAttr<DenseI64ArrayAttr>:$target_ids, OptionalAttr<DenseI64ArrayAttr>:$target_nodeids,
      OptionalAttr<DenseI64ArrayAttr>:$target_treeids, OptionalAttr<DenseF32ArrayAttr>:$target_weights,
      OptionalAttr<ElementsAttr>:$target_weights_as_tensor);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MlZipMapOp : Onnx_MlOp<"ZipMap", 1> {
  let summary = "turns rows into maps from class to score";
  let arguments = (ins Onnx_Tensor:$X, OptionalAttr<DenseI64ArrayAttr>:$classlabels_int64s,
      OptionalAttr<StrArrayAttr>:$classlabels_strings);
  let results = (outs Onnx_Sequence:$Z);
}

def Onnx_TrainingAdagradOp : Onnx_TrainingOp<"Adagrad", 1> {
  let summary = "one step of the AdaGrad optimizer";
  let arguments = (ins Onnx_Tensor:$R, Onnx_Tensor:$T, Onnx_NonEmpty<Onnx_Tensor>:$inputs,
      Onnx_FloatOr<"0.0f">:$decay_factor, Onnx_FloatOr<"1e-06f">:$epsilon, Onnx_FloatOr<"0.0f">:$norm_coefficient);
  let results = (outs Onnx_NonEmpty<Onnx_Tensor>:$outputs);
}

def Onnx_TrainingAdamOp : Onnx_TrainingOp<"Adam", 1> {
  let summary = "one step of the Adam optimizer";
  let arguments = (ins Onnx_Tensor:$R, Onnx_Tensor:$T, Onnx_NonEmpty<Onnx_Tensor>:$inputs,
      Onnx_FloatOr<"0.9f">:$alpha, Onnx_FloatOr<"0.999f">:$beta, Onnx_FloatOr<"1e-06f">:$epsilon,
      Onnx_FloatOr<"0.0f">:$norm_coefficient, Onnx_FloatOr<"0.0f">:$norm_coefficient_post);
  let results = (outs Onnx_NonEmpty<Onnx_Tensor>:$outputs);
}

def Onnx_TrainingGradientOp : Onnx_TrainingOp<"Gradient", 1> {
  let summary = "gradient of a part of the graph";
  let arguments = (ins Onnx_NonEmpty<Onnx_Tensor>:$Inputs, StrArrayAttr:$xs, StrAttr:$y,
      OptionalAttr<StrArrayAttr>:$zs);
  let results = (outs Onnx_NonEmpty<Onnx_Tensor>:$Outputs);
}

def Onnx_TrainingMomentumOp : Onnx_TrainingOp<"Momentum", 1> {
  let summary = "one step of the momentum optimizer";
  let arguments = (ins Onnx_Tensor:$R, Onnx_Tensor:$T, Onnx_NonEmpty<Onnx_Tensor>:$inputs, Onnx_Float:$alpha,
      Onnx_Float:$beta, StrAttr:$mode, Onnx_Float:$norm_coefficient);
  let results = (outs Onnx_NonEmpty<Onnx_Tensor>:$outputs);
}

#endif // M2C_DIALECT_ONNX_OPS_ML
