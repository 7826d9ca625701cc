/** The tensor room's door: choose the engine once a thread, then use `tf` and these operations on
 *  any back end. */
export { Adam, type AdamOptions } from './adam';
export { type CatalogueSoftmaxInput, catalogueSoftmaxLoss } from './catalogue-softmax-loss';
export { withGradient } from './custom-gradient';
export { type BackendName, BackendUnavailableError, type Engine, engineInUse, loadEngine } from './engine';
export { installedBackends } from './installed-backends';
export { type InversionOptions, invertPositiveDefinite } from './invert-positive-definite';
export { type CosineDecayOptions, cosineDecay, type Schedule } from './learning-rate';
export { quietNativeLog } from './load-native';
export { mixPositions, product } from './matmul';
export { RowTable, uniqueRows } from './row-table';
export { handicaps, type SoftmaxDistanceInput, softmaxDistanceLoss } from './softmax-distance-loss';
export { squaredDistances } from './squared-distances';
export { type Tf, tf } from './tf';
export { type TripletHingeInput, tripletHingeLoss } from './triplet-hinge-loss';
