"""What can go wrong, as classes that write their own sentence.

Every message has three short lines: what is wrong, what was found, what to change. A class
stands for one cure. Raise sites pass values; the class holds the words, so this file is the
whole list that README and the help card are compared with.

`InferenceError` ends a cook and becomes the node's red badge. `Caution` does not: it becomes
the yellow one, after the answer is written.
"""

from mlinference._compat import native

# A path or a foreign library's message can be of any length; a badge cannot.
LONGEST_VALUE = 300


class Message(object):
    """Three lines made from the class's templates and the raise site's values.

    Attributes:
        PROBLEM, FOUND, REMEDY: The templates, filled by `str.format`.
        problem, found, remedy: The three lines of this message.
    """

    PROBLEM = FOUND = REMEDY = ""

    def __init__(self, **values):
        shown = {name: _one_line(value) for name, value in values.items()}
        self.values = values
        self.problem = self.PROBLEM.format(**shown)
        # Some end with a remark that need not be there.
        self.found = self.FOUND.format(**shown).rstrip()
        self.remedy = self.REMEDY.format(**shown)
        super(Message, self).__init__(self.problem, self.found, self.remedy)

    def __str__(self):
        return "\n".join((self.problem, self.found, self.remedy))


def _one_line(value):
    text = " ".join(native(value).split())
    if len(text) <= LONGEST_VALUE:
        return text
    half = LONGEST_VALUE // 2 - 3
    return text[:half] + " ... " + text[-half:]


class InferenceError(Message, Exception):
    """Base of everything that is the user's to mend; shown as the node's error."""

    def __reduce__(self):
        return _rebuilt, (type(self), self.values)


def _rebuilt(kind, values):
    return kind(**values)


class Caution(Message, UserWarning):
    """Base of everything that makes an answer doubtful; shown as the node's warning."""


# -- Where the picture comes from -------------------------------------------------------------


class SourceError(InferenceError, LookupError):
    """The node's picture cannot be reached."""


class PathBlank(SourceError):
    """No path, and no wire that would count instead."""

    PROBLEM = "No picture is chosen."
    FOUND = "'COP Path' is empty."
    REMEDY = "Set 'COP Path', or wire an image into the input and set 'Source' to 'Auto'."


class NothingAtPath(SourceError):
    """A path that leads to no node."""

    PROBLEM = "There is no node at '{path}'."
    FOUND = "It was deleted, renamed, or never there."
    REMEDY = "Set 'COP Path' to a COP or a COP network."


class PathNotCop(SourceError):
    """A path to a SOP, an object, anything without pixels."""

    PROBLEM = "'{path}' is not a COP."
    FOUND = "Its type is {kind}."
    REMEDY = "Set 'COP Path' to a COP or a COP network. Wire a SOP's image into the input instead."


class NetworkEmpty(SourceError):
    """A COP network with nothing in it."""

    PROBLEM = "The network '{path}' shows no picture."
    FOUND = "It contains no COPs."
    REMEDY = "Add one, or set 'COP Path' to another network."


class NetworkWithoutFlag(SourceError):
    """A COP network in which nothing says which COP is its picture."""

    PROBLEM = "The network '{path}' shows no picture."
    FOUND = "None of its COPs has the render flag or the display flag."
    REMEDY = "Set the render flag on one, or set 'COP Path' to the COP itself."


class CopFailed(SourceError):
    """A COP in error, in its own words."""

    PROBLEM = "'{path}' cannot be cooked."
    FOUND = "{reason}"
    REMEDY = "Mend that COP, then press 'Recook'."


class NoPlanes(SourceError):
    """A COP that cooks to nothing."""

    PROBLEM = "'{path}' has no image planes."
    FOUND = "It cooks without an error, to nothing."
    REMEDY = "Set 'COP Path' to a COP that makes a picture."


class PlaneMissing(SourceError):
    """Plane names one that is not there."""

    PROBLEM = "There is no image plane '{plane}' on '{path}'."
    FOUND = "It has {planes}."
    REMEDY = "Set 'Plane' to one of these, or leave it empty."


class ChannelMissing(SourceError):
    """Channel names one that the plane does not have."""

    PROBLEM = "There is no channel '{channel}' on '{path}'."
    FOUND = "The number of channels of its plane '{plane}' is {count}."
    REMEDY = "Set 'Channel' to 'Luminance', or choose another 'Plane'."


class PixelsIncomplete(SourceError):
    """Fewer or more values than the picture's size says."""

    PROBLEM = "The pixels of '{path}' cannot be read whole."
    FOUND = "Houdini handed out {found} values, its size asks for {expected}."
    REMEDY = "Look at the COP in the viewer, then press 'Recook'."


class CopernicusUnreadable(SourceError):
    """Copernicus before Houdini 21, where HOM has no pixels."""

    PROBLEM = "The pixels of the Copernicus node '{path}' cannot be read by path."
    FOUND = "Houdini {version} offers them to Python only as geometry; 21.0 is the first that does."
    REMEDY = "Wire in a COP Network SOP, its external path on and set to this, 'Method' Volume Slice; empty 'COP Path'."


class LayerMissing(SourceError):
    """A Copernicus node whose output is no picture."""

    PROBLEM = "'{path}' has no picture."
    FOUND = "Its output is not an image layer."
    REMEDY = "Set 'COP Path' to a node that makes a layer; a File COP needs an AOV."


class InputNotWired(SourceError):
    """Source asks for the input, which has no wire."""

    PROBLEM = "No picture is wired in."
    FOUND = "'Source' is 'Input', and the input has no wire."
    REMEDY = "Wire a COP Network SOP into the input, or fill in 'COP Path' and set 'Source' to it."


class InputFailed(SourceError):
    """The wired node is in error."""

    PROBLEM = "The wired node '{path}' cannot be cooked."
    FOUND = "{reason}"
    REMEDY = "Mend that node."


class InputNotPicture(SourceError):
    """Wired geometry without a volume."""

    PROBLEM = "The geometry of '{path}' holds no picture."
    FOUND = "There is no volume in it."
    REMEDY = "Set its 'Method' to 'Volume Slice', wire a height field, or fill in 'COP Path' and set 'Source' to it."


class InputNotFlat(SourceError):
    """A volume with depth."""

    PROBLEM = "The volume of '{path}' is not a picture."
    FOUND = "It has {size} voxels; a picture is one voxel thick."
    REMEDY = "Set its 'Method' to 'Volume Slice', or wire a height field."


class FrameUnreadable(SourceError):
    """The source has no picture at another frame, which smoothing asks for."""

    PROBLEM = "'{path}' cannot be read at frame {frame}."
    FOUND = "{reason}"
    REMEDY = "Set 'Smoothing' to None and 'Frame' to $FF, or read the frames from files of one size."


# -- What the picture looks like --------------------------------------------------------------


class PictureError(InferenceError, ValueError):
    """The picture was reached, but the network cannot use it."""


class PictureEmpty(PictureError):
    """A picture without a single pixel."""

    PROBLEM = "The picture of '{name}' has no pixels."
    FOUND = "Its width or height is 0."
    REMEDY = "Set 'COP Path' to a COP that makes a picture."


class PictureFileUnreadable(PictureError):
    """A picture file that cannot be opened, or is none that Pillow reads."""

    PROBLEM = "'{file}' cannot be read as a picture."
    FOUND = "{reason}."
    REMEDY = "Write it as PNG, TIFF or JPEG, or copy it again."


class PictureSizeDiffers(PictureError):
    """Exact asks for the network's own size."""

    PROBLEM = "The picture of '{name}' is {width}x{height}."
    FOUND = "With 'Fit' at 'Exact' it has to be {needed}."
    REMEDY = "Set 'Fit' to 'Auto', or scale the picture to {needed}."


class PictureNotNumbers(Caution):
    """NaN or infinity in a picture; read as paper."""

    PROBLEM = "The picture of '{name}' holds values that are not numbers."
    FOUND = "{count} of its pixels are NaN, infinite or beyond all measure, and were read as paper."
    REMEDY = "Look for a division by zero in the COPs before it."


class PictureFirst(Caution):
    """A file of several pages or frames; the first is read."""

    PROBLEM = "'{name}' holds {count} pictures."
    FOUND = "Only the first was read."
    REMEDY = "Save each as a file of its own to have all of them read."


class PictureBlank(Caution):
    """Nothing is drawn; the answer is -1."""

    PROBLEM = "Nothing is drawn on the picture of '{name}'."
    FOUND = "No ink stands out from its paper."
    REMEDY = "Draw a digit, choose another 'Plane' or 'Channel', or set 'Ink'."


class ShapesCut(Caution):
    """Read on Every Shape, and more regions of ink than are told apart."""

    PROBLEM = "The picture of '{name}' has more than {count} separate regions of ink."
    FOUND = "Only the {count} largest were read."
    REMEDY = "Crop the picture, or read it in parts."


class PictureCrowded(Caution):
    """More than one figure; only the largest is read."""

    PROBLEM = "The picture of '{name}' shows {count} separate shapes."
    FOUND = "Only the largest was read."
    REMEDY = "Crop the picture to one digit, or set 'Read' to 'Every Shape'."


class PictureCutOff(Caution):
    """The figure that is read may go on beyond the page; its confidence counts for a third."""

    PROBLEM = "What is drawn runs off the edge of '{name}'."
    FOUND = "It may be a part of something, so its confidence was lowered to a third."
    REMEDY = "Leave some paper around the drawing, or set 'Fit' to 'Stretch'."


# -- The checkpoint ---------------------------------------------------------------------------


class CheckpointError(InferenceError, ValueError):
    """The checkpoint cannot be used."""


class CheckpointMissing(CheckpointError):
    """The path leads to no checkpoint."""

    PROBLEM = "No checkpoint at '{path}'."
    FOUND = "{found}"
    REMEDY = "Set 'Checkpoint' to one, or clear it for the one that comes along."


class CheckpointToConvert(CheckpointMissing):
    """A model in a format that `mlinference convert` reads."""

    PROBLEM = "'{path}' is not a checkpoint."
    FOUND = "'{ending}' is another format, from which a checkpoint can be made."
    REMEDY = "Run 'python -m mlinference convert {name} {stem}.ckpt', and set 'Checkpoint' to '{stem}.ckpt'."


class CheckpointUnreadFormat(CheckpointMissing):
    """A model in a format that nothing here reads."""

    PROBLEM = "'{path}' is not a checkpoint."
    FOUND = "'{ending}' is another format, which cannot be read here."
    REMEDY = "Save the model as ONNX, Keras or SavedModel where it was made; see 'Models in and out' in the README."


class CheckpointNotInstalled(CheckpointError):
    """The checkpoint that comes along is not there."""

    PROBLEM = "The checkpoint that comes along is not installed."
    FOUND = "There is no '{path}.index'."
    REMEDY = "Install ML Inference again, or set 'Checkpoint' to one of your own."


class CheckpointUnreadable(CheckpointError):
    """The system refuses the files."""

    PROBLEM = "'{path}' cannot be read."
    FOUND = "{reason}"
    REMEDY = "Check the disk and this user's permissions, then press 'Reload'."


class CheckpointDamaged(CheckpointError):
    """The files are cut, altered or do not belong together."""

    PROBLEM = "'{path}' is damaged or half-written."
    FOUND = "{reason}"
    REMEDY = "Copy it again with all of its files, or retrain."


class CheckpointChanging(CheckpointError):
    """The files do not hold still for long enough to be read."""

    PROBLEM = "'{path}' is being written."
    FOUND = "Its files changed while they were read, {times} times in a row."
    REMEDY = "Wait for the writer to end, then press 'Reload'."


class CheckpointFormat(CheckpointError):
    """A checkpoint, but written in a way that is not read here."""

    PROBLEM = "'{path}' is not in a form that can be read here."
    FOUND = "{reason}"
    REMEDY = "Write it again with tf.train.Saver, version 2, in float32."


class CheckpointForeign(CheckpointError):
    """The variables are those of no network that is known, or not of the chosen one."""

    PROBLEM = "'{path}' is not a checkpoint of this network."
    FOUND = "{found}"
    REMEDY = "Choose one written by scripts/mnist_train.py, or retrain."


class CheckpointOfAnother(CheckpointError):
    """The variables are not those of the network that the user names."""

    PROBLEM = "'{path}' is not a checkpoint of '{network}'."
    FOUND = "{found}"
    REMEDY = "Set 'Checkpoint' to one of that network, or change 'Network'."


class CheckpointNeedsNetwork(CheckpointError):
    """A checkpoint of a user's own network, which nobody names."""

    PROBLEM = "'{path}' is a checkpoint of a network of its own."
    FOUND = "It was trained as '{network}'."
    REMEDY = "Set 'Network' to '{network}'."


class CheckpointNotFinite(CheckpointError):
    """The training ran away and its numbers are no numbers."""

    PROBLEM = "'{path}' holds values that are not numbers."
    FOUND = "{count} of the {total} in '{name}' are NaN or infinite."
    REMEDY = "Retrain, with a lower learning rate if it happens again."


class SidecarIgnored(Caution):
    """The file beside the checkpoint is no help; names and confidence are plain then."""

    PROBLEM = "'{path}' is not used."
    FOUND = "{reason}"
    REMEDY = "Write it as JSON, see 'PREFIX.json' in the README, or delete it."


class SidecarPartly(Caution):
    """Something in the file beside the checkpoint makes no sense; the rest of it counts."""

    PROBLEM = "Not all of '{path}' is used."
    FOUND = "{reason}"
    REMEDY = "Mend this in it, see 'PREFIX.json' in the README; the rest of it counts."


# -- SavedModels and frozen graphs ------------------------------------------------------------


class ModelError(CheckpointError):
    """A model that is no checkpoint cannot be used."""


class ModelText(ModelError):
    """A graph in its text form."""

    PROBLEM = "'{path}' is a graph written as text."
    FOUND = "Only the binary form, '.pb', is read here."
    REMEDY = "Write it again with 'as_text' off."


class ModelWithoutValues(ModelError):
    """A graph whose variables are kept elsewhere."""

    PROBLEM = "'{path}' is a graph without its values."
    FOUND = "'{name}' in it is a variable, which has its value in another file."
    REMEDY = "Freeze the graph, or export a SavedModel."


class ModelCallsPython(ModelError):
    """A graph that calls back into the program that made it."""

    PROBLEM = "'{path}' calls Python, which is not in the file."
    FOUND = "Its operation '{name}' is a {kind}."
    REMEDY = "Export it without tf.py_func and tf.numpy_function."


class ModelUnfit(ModelError):
    """The signature is not one of a classifier of pictures."""

    PROBLEM = "'{path}' does not take pictures and answer with classes."
    FOUND = "{found}"
    REMEDY = "Export it with pictures as its input and a number for each class as its output."


class ModelOpen(ModelError):
    """The file alone does not say how to use it."""

    PROBLEM = "'{path}' does not tell all that has to be known."
    FOUND = "{found}"
    REMEDY = "Write {wanted} into '{sidecar}'; see 'SavedModels and frozen graphs' in the README."


class ModelUnloadable(ModelError):
    """TensorFlow refuses a graph: usually it is older than the one that wrote it."""

    PROBLEM = "{engine} cannot run '{path}'."
    FOUND = "{reason}"
    REMEDY = "Export it again with this TensorFlow, or an older one."


class ModelRandom(Caution):
    """Dropout or noise is still on in a graph."""

    PROBLEM = "'{path}' gives one picture different answers."
    FOUND = "Something random, like dropout, is left on in it."
    REMEDY = "Export it as it is used, not as it is trained; 'feeds' in '{sidecar}' can set a placeholder."


# -- The engines ------------------------------------------------------------------------------


class EngineError(InferenceError, RuntimeError):
    """The framework that should run the network does not."""


class TensorFlowError(EngineError):
    """TensorFlow is not installed, or is and cannot be used."""

    PROBLEM = "TensorFlow cannot be imported by this Python ({python})."
    FOUND = "{reason}"
    REMEDY = "See 'Installing TensorFlow' in the README."


class TensorFlowReplaced(Caution):
    """Auto found a TensorFlow that does not work and went on without it."""

    PROBLEM = "TensorFlow does not work here; NumPy answers in its place."
    FOUND = "{reason}"
    REMEDY = "See 'Installing TensorFlow' in the README, or set 'Engine' to 'NumPy'."


class TensorFlowFailed(EngineError):
    """TensorFlow works, but not with this graph on this machine."""

    PROBLEM = "TensorFlow cannot run '{path}'."
    FOUND = "{reason}"
    REMEDY = "Set 'Engine' to 'NumPy', or 'Device' to 'CPU'."


class ModelWithNumpy(EngineError):
    """NumPy was asked to run what is no checkpoint."""

    PROBLEM = "NumPy cannot run '{path}'."
    FOUND = "It is a {kind}, which only TensorFlow runs."
    REMEDY = "Set 'Engine' to 'Auto' or 'TensorFlow', or use a checkpoint."


class ModelWithoutTensorFlow(EngineError):
    """A SavedModel or frozen graph where TensorFlow does not work."""

    PROBLEM = "'{path}' needs TensorFlow, which this Python ({python}) cannot import."
    FOUND = "{reason}"
    REMEDY = "See 'Installing TensorFlow' in the README, or use a checkpoint."


class DeviceMissing(EngineError):
    """A GPU was asked for where TensorFlow has none."""

    PROBLEM = "TensorFlow sees no GPU."
    FOUND = "{engine} runs on the processor here."
    REMEDY = "Set 'Device' to 'Auto' or 'CPU'."


class OperationMissing(EngineError):
    """A network of the user's own asks NumPy for what only TensorFlow has."""

    PROBLEM = "The NumPy engine has no '{name}'."
    FOUND = "The network of this checkpoint uses it."
    REMEDY = "Set 'Engine' to 'TensorFlow', or write the network without it."


class AnswerNotFinite(EngineError):
    """The network answers with NaN: numbers too large for float32 on the way."""

    PROBLEM = "'{path}' gives an answer that is not a number."
    FOUND = "The values inside the network grow too large for {engine}."
    REMEDY = "Retrain, with a lower learning rate."


# -- The node's own settings and its answer ----------------------------------------------------


class SettingError(InferenceError, ValueError):
    """A parameter holds something that cannot be used."""


class AttributeNameInvalid(SettingError):
    """The attribute's name has characters that Houdini does not take."""

    PROBLEM = "'{name}' is not a name for an attribute."
    FOUND = "A name has letters, digits and '_' and does not begin with a digit."
    REMEDY = "Change 'Attribute', for instance to 'result'."


class AttributeNameTaken(SettingError):
    """The points of Every Shape have another attribute of that name."""

    PROBLEM = "The points of 'Every Shape' have a '{name}' already."
    FOUND = "Each gets its answer under the name of 'Attribute' as well."
    REMEDY = "Change 'Attribute', for instance to 'result'."


class ParameterFailed(SettingError):
    """A parameter's expression cannot be evaluated."""

    PROBLEM = "'{label}' cannot be evaluated."
    FOUND = "{reason}"
    REMEDY = "Mend its expression, or delete its channel."


class ChoiceUnknown(SettingError):
    """An expression or a script has set a menu to what it does not have."""

    PROBLEM = "'{label}' has no choice '{value}'."
    FOUND = "There are {known}."
    REMEDY = "Set '{label}' to one of these."


class WindowTooLong(SettingError):
    """More frames than a cook can read."""

    PROBLEM = "'Window' is {count} frames."
    FOUND = "Each cook reads all of them; {most} are the most."
    REMEDY = "Set 'Window' to {most} or less."


class NetworkNameUnknown(SettingError):
    """Network names none that is known."""

    PROBLEM = "There is no network '{name}'."
    FOUND = "There are {known}."
    REMEDY = "Clear 'Network', or set it to one of these, or to 'package.module:function' of your own."


class ModelHasNetwork(SettingError):
    """Network is set for a file that has its own."""

    PROBLEM = "'{path}' has a network of its own."
    FOUND = "'Network' is '{name}'."
    REMEDY = "Clear 'Network'."


class EngineUnknown(SettingError):
    """Engine or Device holds a token that its menu does not have."""

    PROBLEM = "There is no {kind} '{name}'."
    FOUND = "There are {known}."
    REMEDY = "Set '{label}' to one of these."


class NotSure(Caution):
    """The confidence is below the artist's threshold."""

    PROBLEM = "Not sure what is drawn here."
    FOUND = "It may be '{label}' ({confidence}) or '{runner_up}'; 'Not Sure Below' is {threshold}."
    REMEDY = "Draw it more clearly; 'Fallback' ({fallback}) is used meanwhile."


class SomeNotSure(Caution):
    """The confidence of several shapes is below the artist's threshold."""

    PROBLEM = "Not sure about {count} of {total} shapes."
    FOUND = "One may be '{label}' ({confidence}) or '{runner_up}'; 'Not Sure Below' is {threshold}."
    REMEDY = "Draw them more clearly; 'Fallback' ({fallback}) is used meanwhile."


class LayersUnwritable(SettingError):
    """A layer's picture cannot be written."""

    PROBLEM = "'{path}' cannot be written."
    FOUND = "{reason}."
    REMEDY = "Give another folder as '--out'."


# -- Networks of one's own --------------------------------------------------------------------


class NetworkError(SettingError):
    """A network of the user's own cannot be used."""


class NetworkModuleMissing(NetworkError):
    """Network names a module that Python does not find."""

    PROBLEM = "There is no module '{module}'."
    FOUND = "None of the {count} places where Python looks has it."
    REMEDY = "Correct 'Network', or put the module's folder on PYTHONPATH."


class NetworkModuleFailed(NetworkError):
    """The module is there and raises something while it is imported."""

    PROBLEM = "The module '{module}' cannot be imported."
    FOUND = "{reason}"
    REMEDY = "Mend it, then press 'Reload'."


class NetworkFunctionMissing(NetworkError):
    """The module has no such function."""

    PROBLEM = "There is no function '{function}' in the module '{module}'."
    FOUND = "{found}"
    REMEDY = "Correct 'Network', or add the function."


class NetworkNotFunction(NetworkError):
    """The name stands for something that cannot be called."""

    PROBLEM = "'{network}' is not a function."
    FOUND = "It is {kind}."
    REMEDY = "Make it a function that takes nothing and returns a Network."


class NetworkSignature(NetworkError):
    """A function of the contract has other arguments."""

    PROBLEM = "'{function}' of '{network}' does not take what it is given."
    FOUND = "{reason}"
    REMEDY = "Write it as {expected}."


class NetworkFails(NetworkError):
    """A function of the user's raises something."""

    PROBLEM = "'{function}' of '{network}' fails."
    FOUND = "{reason}"
    REMEDY = "Mend it, then press 'Reload'."


class NetworkNotReturned(NetworkError):
    """The function answers with something else."""

    PROBLEM = "'{network}' does not return a Network."
    FOUND = "It returns {kind}."
    REMEDY = "Let it return mlinference.networks.Network(name, variables, layers)."


class NetworkTableInvalid(NetworkError):
    """The variables are not what a checkpoint can hold."""

    PROBLEM = "The variables of '{network}' are not a table of names and shapes."
    FOUND = "{reason}"
    REMEDY = "Give ((name, shape), ...), each name once, each shape of whole numbers from 1."


class NetworkInputInvalid(NetworkError):
    """The network asks for a picture that cannot be made."""

    PROBLEM = "The input of '{network}' is no picture."
    FOUND = "{reason}"
    REMEDY = "Give shape=(height, width, 1 or 3), values=(two numbers), picture='ink' or 'colour'."


class NetworkLayersInvalid(NetworkError):
    """The graph function answers with something else."""

    PROBLEM = "'layers' of '{network}' does not return its layers."
    FOUND = "{reason}"
    REMEDY = "Let it return ((name, tensor), ...), the last one the logits [N, classes]."


class NetworkNeedsTensorFlow(NetworkError):
    """The network does what NumPy cannot, and TensorFlow does not work here."""

    PROBLEM = "'{network}' needs TensorFlow, which does not work here."
    FOUND = "{found} {reason}"
    REMEDY = "See 'Installing TensorFlow' in the README, or write the network for NumPy too."


class NetworkInputDiffers(Caution):
    """The network was trained on other pictures than it asks for now."""

    PROBLEM = "'{network}' asks for other pictures than '{path}' was trained on."
    FOUND = "{found}"
    REMEDY = "Correct 'shape', 'values' and 'picture' of the network, or retrain."


class ShapesNeedInk(NetworkError):
    """Every Shape, with a network that looks at whole pictures."""

    PROBLEM = "'{network}' reads no separate shapes."
    FOUND = "It looks at pictures in colour; only ink on paper has shapes."
    REMEDY = "Set 'Read' to 'One Digit'."


# -- Digit Glyphs -----------------------------------------------------------------------------


class AnswerError(InferenceError, LookupError):
    """Digit Glyphs has no digit to show."""


class NothingWired(AnswerError):
    """Digit Glyphs has no input."""

    PROBLEM = "'{node}' has no answer to show."
    FOUND = "Nothing is wired into its first input."
    REMEDY = "Wire an ML Inference node into it."


class AnswerMissing(AnswerError):
    """The input is geometry without an answer."""

    PROBLEM = "'{node}' brings no answer."
    FOUND = "Its geometry has no detail attribute '{attribute}'."
    REMEDY = "Wire in an ML Inference node, or set 'Attribute' to the name it writes."


class AnswerNotDigit(AnswerError):
    """The input's answer is no digit's number."""

    PROBLEM = "The answer of '{node}' is not a digit."
    FOUND = "Detail attribute '{attribute}' is {value}; a digit is a whole number from 0 to 9."
    REMEDY = "Set 'Attribute' to the one with the answer, or use a checkpoint of ten digits."


# -- Commands ---------------------------------------------------------------------------------


class NumPyMissing(InferenceError, ImportError):
    """A command without NumPy, or with that of another Python."""

    PROBLEM = "NumPy cannot be imported by this Python ({python})."
    FOUND = "{reason}"
    REMEDY = "Install it, or use hython, which has it; take another Python's NumPy off PYTHONPATH."


# -- Many files at once -----------------------------------------------------------------------


class BatchError(InferenceError, ValueError):
    """`mlinference classify` cannot go on."""


class PatternEmpty(BatchError):
    """A pattern that stands for nothing."""

    PROBLEM = "There is no picture '{pattern}'."
    FOUND = "No file or folder of that name, and none that the pattern fits."
    REMEDY = "Give files, folders, or patterns like '*.png' and 'a.$F4.png', in quotes."


class PatternDeep(BatchError):
    """A pattern with `**`, which would go one folder deep only."""

    PROBLEM = "'{pattern}' goes through no folders."
    FOUND = "'**' stands for the name of one folder."
    REMEDY = "Give the folder, '{folder}': all pictures below it are read."


class ResultsForeign(BatchError):
    """The output is a file of something else."""

    PROBLEM = "'{file}' does not hold results."
    FOUND = "{reason}"
    REMEDY = "Give another '--out'; this file stays as it is."


class ResultsDiffer(BatchError):
    """The output holds results that this run would lose."""

    PROBLEM = "'{file}' holds other results."
    FOUND = "{found}"
    REMEDY = "Give another '--out', or '--force' to replace it."


class ShardDiffers(BatchError):
    """A shard has pictures that a merge is not asked for: they have gone since, or never belonged."""

    PROBLEM = "'{file}' holds other results."
    FOUND = "{found}"
    REMEDY = "Merge with '--force' to leave them out, or without patterns to keep them."


class ResultsMissing(BatchError):
    """A shard has not come to its end."""

    PROBLEM = "The results for '{file}' are not complete."
    FOUND = "{found}"
    REMEDY = "Run those shards again, then '--merge' again."


class ResultsMixed(BatchError):
    """Shards that were run with different options or checkpoints."""

    PROBLEM = "The shards of '{file}' do not belong together."
    FOUND = "'{one}' and '{other}' come from different checkpoints or settings."
    REMEDY = "Run all of them again with the same options and '--force'."


# -- Models in other formats ------------------------------------------------------------------


class ConversionError(InferenceError, ValueError):
    """`mlinference convert` cannot go on."""


class LibraryMissing(ConversionError):
    """A format needs a library of its own."""

    PROBLEM = "'{form}' files need {library}."
    FOUND = "{reason}."
    REMEDY = "Install it: pip install {library}."


class ConversionUnreadable(ConversionError):
    """The file is damaged, or of another kind than its name says."""

    PROBLEM = "'{path}' cannot be read."
    FOUND = "{reason}."
    REMEDY = "Save it again with the program it comes from; its name has to end as its format's do."


class ConversionForeign(ConversionError):
    """The file holds a network, but none of ours."""

    PROBLEM = "'{path}' is none of the networks that are known here."
    FOUND = "{found}."
    REMEDY = "Convert a network of README's table, all of its layers as described there."


class ConversionImpossible(ConversionError):
    """The network does what other formats cannot be given."""

    PROBLEM = "This network cannot be converted."
    FOUND = "{found}."
    REMEDY = "Keep it as a checkpoint, or make it a chain of convolutions, maxima and products."


class ConversionExists(ConversionError):
    """The file would overwrite another."""

    PROBLEM = "'{path}' exists."
    FOUND = "It would be overwritten."
    REMEDY = "Give another name, or '--force' to replace it."


class ConversionNameless(ConversionError):
    """The output is a folder, or an ending alone, and would be a hidden file."""

    PROBLEM = "'{path}' names no file."
    FOUND = "It has nothing after its folder, or nothing before its ending."
    REMEDY = "Give DST a name: 'models/digits.onnx', or 'models/digits.ckpt' for a checkpoint."


class ConversionUnwritten(ConversionError):
    """The output has the ending of a format that is not written."""

    PROBLEM = "'{path}' cannot be written."
    FOUND = "'{ending}' is not written here; a TensorFlow checkpoint and {known} are."
    REMEDY = "Give DST one of these endings, or 'models/digits.ckpt' for a checkpoint."


class ConversionWrong(ConversionError):
    """What was written does not answer as what was read; a defect of ours, or of the disk."""

    PROBLEM = "'{path}' would answer otherwise than what it is made from."
    FOUND = "{found}."
    REMEDY = "Report the versions that 'mlinference doctor' prints; nothing was replaced."


# -- Training data and output -----------------------------------------------------------------


class TrainingError(InferenceError, ValueError):
    """The trainer cannot go on."""


class DataFolderMissing(TrainingError):
    """The folder of training data is not there."""

    PROBLEM = "No folder '{folder}'."
    FOUND = "It should hold MNIST's files, or a folder of pictures for each class."
    REMEDY = "Give another '--data', or leave it out to download MNIST."


class MnistMissing(TrainingError):
    """Some of MNIST's files are not in the folder."""

    PROBLEM = "'{folder}' does not hold all of MNIST."
    FOUND = "Missing: '{files}'."
    REMEDY = (
        "Put these there, plain or as '.gz', or 'mnist.npz' instead of all four; pictures of your own "
        "into a folder for each class."
    )


class DownloadFailed(TrainingError):
    """MNIST cannot be downloaded."""

    PROBLEM = "MNIST cannot be downloaded."
    FOUND = "{address}: {reason}"
    REMEDY = (
        "Put '{files}', plain or as '.gz', or 'mnist.npz' into a folder and give it as '--data', "
        "or put them into '{cache}'."
    )


class DataFileDamaged(TrainingError):
    """A file of training data cannot be read."""

    PROBLEM = "'{file}' cannot be read."
    FOUND = "{found}."
    REMEDY = "Copy or download it again."


class DataFileForeign(TrainingError):
    """The file is no idx file of this kind."""

    PROBLEM = "'{file}' is not one of MNIST's files."
    FOUND = "It begins with the number {found}, expected {expected}."
    REMEDY = "Put the file of that name there; pictures and labels may be exchanged."


class DataFileTruncated(TrainingError):
    """The file is shorter or longer than its header says."""

    PROBLEM = "'{file}' is not whole."
    FOUND = "It has {found} bytes, expected {expected}."
    REMEDY = "Copy or download it again."


class DataFileSize(TrainingError):
    """The pictures are not 28 pixels square."""

    PROBLEM = "'{file}' does not hold pictures of 28 x 28."
    FOUND = "They are {found}."
    REMEDY = "Choose data in MNIST's format, or give the pictures as a folder for each class."


class ArchiveInvalid(TrainingError):
    """An array of mnist.npz holds something else."""

    PROBLEM = "'{name}' in '{file}' is not what it should be."
    FOUND = "{found}."
    REMEDY = "Write pictures as numbers from 0 to 255 or 0 to 1, labels as whole numbers up to 255."


class CountsDiffer(TrainingError):
    """Pictures and labels do not belong together."""

    PROBLEM = "Pictures and labels in '{folder}' do not belong together."
    FOUND = "'{name}' has {pictures} pictures and {labels} labels."
    REMEDY = "Take both files from the same place."


class NetworkUnknown(TrainingError):
    """No network has this name."""

    PROBLEM = "No network is called '{name}'."
    FOUND = "There are '{known}'."
    REMEDY = "Give one of these as '--network', or 'package.module:function' of your own."


class OutputExists(TrainingError):
    """A file of the run would overwrite another."""

    PROBLEM = "'{file}' exists."
    FOUND = "Training would overwrite it."
    REMEDY = "Give another '{option}', or '--force' to replace it."


class RunInterrupted(TrainingError):
    """An interrupted run would be started over, and what it learnt be lost."""

    PROBLEM = "'{file}' is of an interrupted run."
    FOUND = "Training would start it over."
    REMEDY = "Give '--resume' to go on with it, or '--force' to start anew."


class OutputUnwritable(TrainingError):
    """The checkpoint cannot be written where it should be."""

    PROBLEM = "'{file}' cannot be written."
    FOUND = "{reason}."
    REMEDY = "Choose another place, or make room there; what was there before is unchanged."


class FolderUnusable(TrainingError):
    """A folder beside the checkpoint's cannot be made or written to."""

    PROBLEM = "'{folder}' cannot be the folder of '{option}'."
    FOUND = "{reason}."
    REMEDY = "Give another folder, or mend this one."


class StepsAndEpochs(TrainingError):
    """Two options say how long to train."""

    PROBLEM = "'--steps' and '--epochs' do not go together."
    FOUND = "Training would end after {steps} steps, however many epochs these are."
    REMEDY = "Leave one of them out."


class NotCompared(TrainingError):
    """An option that means nothing where optimizers are compared."""

    PROBLEM = "'{option}' and '--compare-optimizers' do not go together."
    FOUND = "It trains with each optimizer, at its own rate, and writes no checkpoint."
    REMEDY = "Leave one of them out."


class TrainingDiverged(TrainingError):
    """The loss is no number any more."""

    PROBLEM = "Training has lost its way at step {step}."
    FOUND = "The loss is {loss}."
    REMEDY = "Give a smaller '--learning-rate'."


class RecipeUnknown(TrainingError):
    """No recipe has this name."""

    PROBLEM = "No recipe is called '{name}'."
    FOUND = "There are '{known}'."
    REMEDY = "Give one of these as '--recipe'."


class FontsMissing(TrainingError):
    """The recipe needs fonts that are not there."""

    PROBLEM = "'{folder}' does not hold the fonts of this recipe."
    FOUND = "Missing: '{families}'."
    REMEDY = "Run scripts/fetch_fonts.py and give its folder as '--fonts'."


class PillowMissing(TrainingError):
    """Pillow is needed and not installed."""

    PROBLEM = "{need} needs Pillow."
    FOUND = "It cannot be imported by this Python."
    REMEDY = "Install it: pip install pillow."


class NoPictures(TrainingError):
    """The folder has no picture that can be used."""

    PROBLEM = "No pictures to learn from in '{folder}'."
    FOUND = "{found}"
    REMEDY = "Put pictures into a folder for each class, named as the class."


class OnlyOneClass(TrainingError):
    """All pictures are of one class."""

    PROBLEM = "There is nothing to tell apart in '{folder}'."
    FOUND = "All {count} pictures are of class '{label}'. {remark}"
    REMEDY = "Add pictures of another class."


class ClassTooSmall(TrainingError):
    """A class has too few pictures to train, validate and test with."""

    PROBLEM = "Class '{label}' has too few pictures."
    FOUND = "It has {count}; training, validation and test need one each. {remark}"
    REMEDY = "Add pictures, as PNG, TIFF or JPEG, until it has {fewest} or more, or remove the class."


class ClassNameInvalid(TrainingError):
    """A class folder's name is no text."""

    PROBLEM = "'{folder}' is no name for a class."
    FOUND = "Its bytes are no UTF-8."
    REMEDY = "Rename the folder."


class TableRowInvalid(TrainingError):
    """A row of the table is not a path and a label."""

    PROBLEM = "Row {row} of '{file}' is not a path and a label."
    FOUND = "It is '{found}'."
    REMEDY = "Write 'path,label', a picture a row."


class NothingToResume(TrainingError):
    """There is no interrupted run to go on with."""

    PROBLEM = "'{file}' does not hold a run to go on with."
    FOUND = "{found}"
    REMEDY = "Start anew without '--resume', or give the '--out' and '--data' of that run."


class ResumeDiffers(TrainingError):
    """The interrupted run was begun with other options than are given."""

    PROBLEM = "'{file}' is of a run with other options."
    FOUND = "It has {kept}."
    REMEDY = "Leave these out to go on with it, or give '--force', not '--resume', to start anew."


class KnobInvalid(TrainingError):
    """A recipe is given a value that it cannot use."""

    PROBLEM = "'{knob}' cannot be {value}."
    FOUND = "It takes {takes}."
    REMEDY = "Change the option."


# -- Training in several processes ------------------------------------------------------------


class ClusterError(TrainingError):
    """The processes of a cluster cannot train together."""


class ClusterInvalid(ClusterError):
    """The option says nothing that makes sense."""

    PROBLEM = "'--cluster' names no cluster."
    FOUND = "{found}."
    REMEDY = "Write 'ps=HOST:PORT,worker=HOST:PORT,HOST:PORT', or 'local:2' for all on this machine."


class EnvironmentInvalid(ClusterError):
    """TF_CONFIG says nothing that makes sense."""

    PROBLEM = "TF_CONFIG names no cluster."
    FOUND = "{found}."
    REMEDY = "Mend it or empty it; '--cluster' overrides it."


class TaskUnsaid(ClusterError):
    """A cluster is given, and nothing about this process."""

    PROBLEM = "It is not said which process of the cluster this is."
    FOUND = "The cluster has {known}."
    REMEDY = "Give '--job' and '--task', or put a 'task' into TF_CONFIG."


class TaskUnknown(ClusterError):
    """This process is said to be one that the cluster does not have."""

    PROBLEM = "The cluster has no {job} {task}."
    FOUND = "It has {known}."
    REMEDY = "Give one of these as '--job' and '--task', or as TF_CONFIG's 'task'."


class HostUnknown(ClusterError):
    """A process' address leads nowhere."""

    PROBLEM = "There is no machine at '{address}'."
    FOUND = "{reason}."
    REMEDY = "Mend the cluster's addresses."


class AddressTaken(ClusterError):
    """Another process has the port."""

    PROBLEM = "This process cannot listen at '{address}'."
    FOUND = "{reason}."
    REMEDY = "End what listens there, or give another port to every process of the cluster."


class ProcessMissing(ClusterError):
    """A process without which training cannot begin does not come."""

    PROBLEM = "Missing: {names}."
    FOUND = "Nothing has answered there for {seconds} s."
    REMEDY = "Start it, with the same '--cluster', or let '--wait' be longer."


class ServersForeign(ClusterError):
    """Something else listens where a server should."""

    PROBLEM = "This is not answered by TensorFlow: {names}."
    FOUND = "{reason}."
    REMEDY = "Start it with '--job ps' and the same TensorFlow, or mend its address."


class ClusterDiffers(ClusterError):
    """A worker was started with other options than the chief."""

    PROBLEM = "This process would train something else than {name}."
    FOUND = "Their recipes, data or seeds differ."
    REMEDY = "Give every process of the cluster the same options and the same data."


class ServersBusy(ClusterError):
    """The servers hold what another training is at, or has just ended."""

    PROBLEM = "{names} cannot take this training."
    FOUND = "Another one is at work there, or has just ended."
    REMEDY = "Wait for its end, or stop these servers and start them again."


class ClusterLost(ClusterError):
    """A server is gone in the middle of a training."""

    PROBLEM = "The cluster has broken off."
    FOUND = "{reason}."
    REMEDY = "Start all of it again with '--resume'; it goes on from the last validation."


class ChiefGone(ClusterError):
    """The chief has gone and does not come back."""

    PROBLEM = "{name} has gone, and does not come back."
    FOUND = "Training is at step {step}, and nobody learns."
    REMEDY = "Start everything again with '--resume', or let '--wait' be longer."


class NotTogether(ClusterError):
    """An option that means nothing in a cluster."""

    PROBLEM = "'{option}' and a cluster do not go together."
    FOUND = "{reason}."
    REMEDY = "Leave one of them out."
