/**
 * The most common English words. Origin: counted over War and Peace (out of copyright), TinyStories, GSM8K and MMLU with equal
 * weight; the most frequent lower-case words, without the names and objects of those texts, and with words of computing and of
 * instructions added by hand.
 */
const COMMON = `
  the and of to a in he was is she that it for his her with on not as had so are at i be but you has from said there one
  have by him day all which were total many an will each what this their time them who when can more up because did number
  would wrong than very or out two no we after little my do much first does saw per old following only now went hours
  could some happy into me go cost make people other like find about big made every been years left back play three want
  wanted new something away times upon take get see looked asked week before your its days felt these over long too home
  half down together took again water year around should know same hour money good found room house both most second came
  put any says needs gave thought amount twice still while come feet need our always off another also look car such help
  during where those decided price don't face must bought state right never way best say even used without between buy
  use small under own through knew third next began last heard means give end spent may work true life four uses going
  less school us called am run hand whole outside count order against food here read inside soon question full different
  high set better rest didn't sorry power point words book everything world voice until night large side action group able
  five general information equal part turned seen tell nothing feel law done kept others clearly age likely ground though
  rate might given nice main add behind later eggs couldn't value change son moment letter sat think minute became
  anything far thanks named opened weight position longer ever free learned whether understand within bad taken whom
  important hard cannot enough today according few human child level thing try really yet sometimes history front sent
  walk talk along among strong open alone quite fast interest field social happened someone case wait expression team
  can't toward present due mind dear sale force system please result several length fact word us it's i'm you're we're
  they're isn't doesn't won't wasn't let let's they how why would've i've you've we've there's that's what's then if else
  therefore however although thus instead rather either neither nor per via like unlike since despite throughout across
  above below upon toward towards onto within beyond near often usually already almost just perhaps maybe certainly yes
  create write describe explain generate given name list sentence sentences provide using following example examples
  answer answers text story based include includes including data user users make makes making help helps helping need
  needed used many several various types type ways common possible able based between important different such well
  being having getting doing becoming become becomes it'll i'll you'll he's she's themselves themselves itself himself
  herself myself yourself ourselves everyone everybody anyone nobody each every some any none all both half few most more
  less least much little lot lots thing things people person man men woman women place places part parts point points kind
  company business computer internet online website program function code file input output string line lines array
  method class table column row page email phone model machine learning language process design project research study
  report results change changes increase increased reduce reduced improve improved consider allow allows ensure require
  requires required support service services product products customer customers market health energy environment
  community government country countries city family friends love feel feeling heart eyes head hand hands body earth sun
  light dark white black red blue green sky sea river mountain tree trees animal animals dog cat bird fish food drink eat
  summer winter spring morning evening tonight tomorrow yesterday month months weeks minutes seconds early late young
  beautiful wonderful amazing great better best worse worst easy difficult simple quickly slowly carefully finally
  first second third next last once twice again never ever always
`;

/** English words in lower case, with straight apostrophes. */
export const COMMON_WORDS: readonly string[] = [...new Set(COMMON.trim().split(/\s+/))];

/** Words without a topic: if question and answer share them, that says nothing about whether the two belong together. */
export const FUNCTION_WORDS: readonly string[] = `
  the and of to a in he was is she that it for his her with on not as had so are at i be but you has from there one have
  by him all which were an will each what this their them who when can more up because did would than very or out no we
  after my do much does only now could some into me go make other like about been back any says new these over too down
  again should same both most while such where those must own through may am us here if then how why also just your its
  our they write give describe explain create generate following given sentence sentences list name provide using example
  answer text question please don't can't it's i'm let
`
  .trim()
  .split(/\s+/);
